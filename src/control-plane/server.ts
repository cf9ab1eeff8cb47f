/** The web server: limits, authentication, errors, and the routes. */
import http from "node:http";
import https from "node:https";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import websocket from "@fastify/websocket";
import fastify, { type FastifyBaseLogger, type FastifyRequest } from "fastify";
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { API_PREFIX, MAX_BODY } from "../api/http.ts";
import type { App } from "./app.ts";
import { problemOf } from "./errors.ts";
import type { Plane } from "./plane.ts";
import { ProblemError, revoked, unauthenticated } from "./problem.ts";
import { auditRoutes } from "./routes/audit.ts";
import { deviceRoutes } from "./routes/devices.ts";
import { enrolmentRoutes } from "./routes/enrolment.ts";
import { eventRoutes } from "./routes/events.ts";
import { gatewayRoutes } from "./routes/gateways.ts";
import { manualConfigRoutes } from "./routes/manual-configs.ts";
import { networkRoutes } from "./routes/networks.ts";
import { pathRoutes } from "./routes/paths.ts";
import { preferenceRoutes } from "./routes/preferences.ts";
import { workspaceRoutes } from "./routes/workspaces.ts";
import { authenticate } from "./tokens.ts";

/** Largest frame of a device or gateway; what they say is small. */
const MAX_INCOMING_FRAME = 64 * 1024;
const MAX_CONNECTIONS = 20_000;

/** What one address may ask for. */
export interface Limits {
  readonly requestsPerMinute: number;
  readonly enrolmentsPerMinute: number;
  /** Time for a whole request, headers included, to arrive, milliseconds: who drips bytes is cut off. */
  readonly requestMs: number;
}

const LIMITS: Limits = { requestsPerMinute: 1200, enrolmentsPerMinute: 60, requestMs: 10_000 };

export interface ServerOptions {
  readonly plane: Plane;
  readonly log: FastifyBaseLogger;
  /** PEM; absent = plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly limits?: Partial<Limits> | undefined;
}

/** Builds the server; `listen` and `close` are the caller's. */
export async function buildServer(options: ServerOptions): Promise<App> {
  const { plane, log } = options;
  const limits: Limits = { ...LIMITS, ...options.limits };
  const app: App = fastify({
    loggerInstance: log,
    bodyLimit: MAX_BODY,
    serverFactory: (handler) => makeServer(handler, options.tls, limits.requestMs),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest("actor", null);
  app.decorateRequest("revoked", false);

  await app.register(helmet);
  await app.register(rateLimit, {
    max: limits.requestsPerMinute,
    timeWindow: "1 minute",
    errorResponseBuilder: (_request, { after }) =>
      new ProblemError(429, "too_many_requests", "Too many requests", `Wait ${after} and try again.`),
  });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Nanami control plane", version: "1", license: { name: "Apache-2.0" } },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
  });
  await app.register(websocket, {
    options: { maxPayload: MAX_INCOMING_FRAME, perMessageDeflate: false },
  });

  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500) request.log.error({ err: error, url: request.url }, "request failed");
    return reply
      .code(problem.status)
      .type("application/problem+json")
      .serializer(JSON.stringify)
      .send(problem);
  });
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, () => {
    throw new ProblemError(404, "no_such_surface", "Not found", "This interface has no such surface.");
  });
  app.addHook("onRequest", (_request, reply, done) => {
    reply.header("cache-control", "no-store");
    done();
  });
  // After the rate limit, which counts guesses too; before the body is read: nobody's bytes are parsed for a stranger.
  app.addHook("preParsing", async (request) => {
    if (!request.is404 && request.routeOptions.config.open !== true) await identify(plane, request);
  });

  await app.register(
    (api: App, _options, done) => {
      workspaceRoutes(api, plane);
      networkRoutes(api, plane);
      preferenceRoutes(api, plane);
      pathRoutes(api, plane);
      gatewayRoutes(api, plane);
      deviceRoutes(api, plane);
      enrolmentRoutes(api, plane, limits.enrolmentsPerMinute);
      manualConfigRoutes(api, plane);
      auditRoutes(api, plane);
      eventRoutes(api, plane);
      api.get("/openapi.json", { config: { open: true }, schema: { hide: true } }, () => app.swagger());
      done();
    },
    { prefix: API_PREFIX },
  );
  return app;
}

async function identify(plane: Plane, request: FastifyRequest): Promise<void> {
  const [scheme, token, ...rest] = request.headers.authorization?.split(" ") ?? [];
  if (scheme?.toLowerCase() !== "bearer" || token === undefined || rest.length > 0) throw unauthenticated();
  const found = await plane.read((tx) => authenticate(tx, token));
  switch (found.kind) {
    case "actor":
      request.actor = found.actor;
      return;
    case "revoked":
      if (request.routeOptions.config.answersRevoked !== true) throw revoked();
      request.revoked = true;
      return;
    case "nobody":
      throw unauthenticated();
  }
}

function makeServer(
  handler: http.RequestListener,
  tls: ServerOptions["tls"],
  requestMs: number,
): http.Server {
  const limits = {
    headersTimeout: requestMs,
    requestTimeout: requestMs,
    keepAliveTimeout: 30_000,
    connectionsCheckingInterval: Math.min(1000, requestMs),
    maxHeaderSize: 16 * 1024,
    noDelay: true,
  };
  const server =
    tls === undefined
      ? http.createServer(limits, handler)
      : https.createServer(
          { ...limits, ...tls, minVersion: "TLSv1.2", handshakeTimeout: requestMs },
          handler,
        );
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}
