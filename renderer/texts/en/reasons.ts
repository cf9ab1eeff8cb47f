/**
 * Why something is not as it should be, by the codes of the agent and of the routing model. `clause` ends a
 * heading; `text` stands under it.
 */
export const reasons = {
  gateway_silent: {
    clause_one: "{{gateways}} does not answer",
    clause_other: "no answer by way of {{gateways}}",
    text: "It is tried again all the time, and goes on by itself as soon as there is an answer.",
  },
  pinned_gateway_silent: {
    clause_one: "{{gateways}} does not answer",
    clause_other: "no answer by way of {{gateways}}",
    text: "Chosen by hand, so nothing else is used instead. It is tried again all the time.",
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
  unavailable: {
    clause: "there is no path",
    text: "The control plane has no path for this device. Choose other gateways, or ask your operator.",
  },
  superseded: {
    clause: "somebody connected again",
    text: "Somebody connected again before the disconnect was done. Disconnect again if that was not meant.",
  },
  record_unwritable: {
    clause: "the service cannot write",
    text: "What is wanted could not be written down, so nothing was changed. Make room on the disk and try again. The system says: {{detail}}",
  },
  bad_intent: {
    clause: "the path cannot be used",
    text: "What was in force stays. Correct the path or the configuration. The system says: {{detail}}",
  },
  bad_key: {
    clause: "this device's key cannot be used",
    text: "What was in force stays. Log out and enrol this device again.",
  },
  key_missing: {
    clause: "the tunnel's interface is gone",
    text: "Its key is not at hand, so everything stays closed. Connect again.",
  },
  not_protected: {
    clause: "the protection could not be put in place",
    text: "Until it can, traffic leaves as if this device was not connected. {{why}}",
    private_network: "Until it can, what is for the private network may leave outside the tunnel. {{why}}",
    local_network:
      "Until it can, the local network is open, which you closed. Everything else is closed. {{why}}",
  },
  lockdown_not_in_force: {
    clause: "lockdown is not in force",
    text: "Until it is, all traffic leaves this device as if lockdown was off. The service keeps trying. {{why}}",
    local_network:
      "Until it is, the local network is open, which you closed. Everything else is closed. The service keeps trying. {{why}}",
  },
  program_missing: {
    clause: "a program of the system is missing",
    text: "The program {{program}} is not installed. Install the package {{package}}; it is tried again by itself.",
  },
  program_failed: {
    clause: "a program of the system failed",
    text: "It is tried again by itself. If it stays, save the diagnostics from Health and send them to your operator. The system says: {{detail}}",
  },
  sysctl_failed: {
    clause: "a setting of the kernel cannot be changed",
    text: "The service needs more rights than it has. The system says: {{detail}}",
  },
  resolver_unwritable: {
    clause: "the resolver cannot be set",
    text: "The service may not write the file that names the resolver. The system says: {{detail}}",
  },
  resolver_refused: {
    clause: "the resolver cannot be set",
    text: "It is tried again by itself. The system says: {{detail}}",
  },
  forwarder_failed: {
    clause: "names cannot be forwarded",
    text: "Another program listens where the service would. End it. The system says: {{detail}}",
  },
  internal: {
    clause: "something unexpected went wrong",
    text: "It is tried again by itself. If it stays, save the diagnostics from Health and send them to your operator. The system says: {{detail}}",
  },
  control_plane_unreachable: {
    clause: "the control plane does not answer",
    text: "The gateway that the decision needs is not known here, and the control plane cannot be asked.",
  },
};
