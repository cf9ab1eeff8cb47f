/** Who asks. Every token belongs to exactly one actor. */

export type Actor =
  /** The token of an empty store: makes one workspace, then it is spent. */
  | { readonly kind: "bootstrap"; readonly tokenId: string }
  | { readonly kind: "operator"; readonly tokenId: string; readonly workspaceId: string }
  | {
      readonly kind: "member";
      readonly tokenId: string;
      readonly workspaceId: string;
      readonly userId: string;
    }
  | {
      readonly kind: "device";
      readonly tokenId: string;
      readonly workspaceId: string;
      readonly networkId: string;
      readonly deviceId: string;
      readonly ownerId: string;
    }
  | {
      readonly kind: "gateway";
      readonly tokenId: string;
      readonly workspaceId: string;
      readonly networkId: string;
      readonly deviceId: string;
    };

/** Whose rights count when a pin is judged or a gateway listed. */
export type ActingUser =
  | { readonly kind: "operator"; readonly workspaceId: string }
  | { readonly kind: "user"; readonly workspaceId: string; readonly userId: string };

/** How the audit log names an actor. */
export function auditName(actor: Actor): { kind: Actor["kind"]; id: string } {
  switch (actor.kind) {
    case "bootstrap":
    case "operator":
      return { kind: actor.kind, id: actor.tokenId };
    case "member":
      return { kind: "member", id: actor.userId };
    case "device":
    case "gateway":
      return { kind: actor.kind, id: actor.deviceId };
  }
}

/** The user an actor stands for; null for those that stand for none. */
export function userOf(actor: Actor): string | null {
  if (actor.kind === "member") return actor.userId;
  return actor.kind === "device" ? actor.ownerId : null;
}
