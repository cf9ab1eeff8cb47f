/** The web server's type as the routes see it, and what each request carries. */
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { Actor } from "./actor.ts";
import { unauthenticated } from "./problem.ts";

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; null on surfaces that need no token. */
    actor: Actor | null;
    /** The token was good once: only the event connection answers that by itself (close code 4401). */
    revoked: boolean;
  }
  interface FastifyContextConfig {
    /** This surface needs no token. */
    readonly open?: boolean;
    /** This surface itself tells the holder of a revoked token. */
    readonly answersRevoked?: boolean;
  }
}

/** Who asks, on surfaces that need a token. */
export function actorOf(request: { readonly actor: Actor | null }): Actor {
  if (request.actor === null) throw unauthenticated();
  return request.actor;
}
