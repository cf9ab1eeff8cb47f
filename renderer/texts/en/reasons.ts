/**
 * Why something is not as it should be, by the codes of the agent and of the routing model. `clause` ends a
 * heading; `text` stands under it.
 */
export const reasons = {
  gateway_silent: {
    clause_one: "{{gateways}} does not answer",
    clause_other: "{{gateways}} do not answer",
    text: "It is tried again all the time, and goes on by itself as soon as there is an answer.",
  },
  pinned_gateway_silent: {
    clause_one: "{{gateways}} does not answer",
    clause_other: "{{gateways}} do not answer",
    text: "It was chosen by hand, so nothing else is used in its place. It is tried again all the time.",
  },
  captive_portal: {
    clause: "this Wi-Fi asks you to sign in",
    text: "Its sign-in page can only be opened outside the tunnel. Disconnect to sign in, and connect again afterwards.",
  },
  offline: {
    clause: "there is no network",
    text: "Check the cable or the Wi-Fi. It goes on by itself as soon as there is a network.",
  },
  lockdown: {
    clause: "lockdown",
    text: "Lockdown keeps this device closed while it is not connected.",
  },
  revoked: {
    clause: "this device was removed from its network",
    text: "Your operator removed it. Disconnect to use the Internet without protection, or ask for a new enrolment link.",
  },
  record_lost: {
    clause: "what was connected is not known",
    text: "The record of the last connection was lost. Everything stays closed until you connect or disconnect.",
  },
  profile_lost: {
    clause: "the manual configuration is gone",
    text: "The configuration that was connected can no longer be read. Everything stays closed until you connect or disconnect.",
  },
  no_eligible_gateway: {
    clause: "no gateway can be used",
    text: "The platform finds no gateway that you may use and that is healthy.",
  },
  unknown_device: {
    clause: "the chosen gateway is not there",
    text: "A gateway was chosen that does not exist, or that you may not see.",
  },
  wrong_workspace: {
    clause: "the chosen gateway is in another workspace",
    text: "A path never leaves its workspace.",
  },
  wrong_network: {
    clause: "the chosen gateway is in another network",
    text: "A path never leaves its network.",
  },
  access_denied: {
    clause: "you have no access to the chosen gateway",
    text: "The gateway that was chosen does not grant you access. Choose another one, or ask your operator.",
  },
  missing_role: {
    clause: "the chosen gateway cannot take this part",
    text: "The gateway that was chosen does not have the role for it.",
  },
  control_plane_unreachable: {
    clause: "the control plane does not answer",
    text: "The gateway that the decision needs is not known here, and the control plane cannot be asked.",
  },
};
