/** `/events`: the WebSocket of devices and gateways. */
import { CLOSE_REVOKED, DeviceMessage, GatewayMessage } from "../../api/events.ts";
import { actorOf, type App } from "../app.ts";
import type { Plane } from "../plane.ts";
import { forbidden } from "../problem.ts";
import type { Connection } from "../push/hub.ts";
import { DeviceSession } from "../push/device-session.ts";
import { GatewaySession } from "../push/gateway-session.ts";
import { serve } from "../push/session.ts";

export function eventRoutes(app: App, plane: Plane): void {
  app.get(
    "/events",
    {
      websocket: true,
      config: { answersRevoked: true },
      schema: { hide: true },
      preValidation: (request, _reply, done) => {
        const kind = request.revoked ? null : actorOf(request).kind;
        const fits = kind === null || kind === "device" || kind === "gateway";
        done(fits ? undefined : forbidden("Only devices and gateways have an event connection."));
      },
    },
    (socket, request) => {
      const { actor, log } = request;
      if (actor?.kind === "device") {
        const { deviceId } = actor;
        const session = (connection: Connection) => new DeviceSession(plane, deviceId, connection);
        serve({ socket, schema: DeviceMessage, session, log, maxMessages: 100 });
      } else if (actor?.kind === "gateway") {
        const { deviceId } = actor;
        const session = (connection: Connection) => new GatewaySession(plane, deviceId, connection, log);
        serve({ socket, schema: GatewayMessage, session, log, maxMessages: 1000 });
      } else {
        socket.close(CLOSE_REVOKED, "This device was revoked. Ask your operator for a new enrolment link.");
      }
    },
  );
}
