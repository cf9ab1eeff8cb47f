/** Of refusals whose code alone says all of it; every other comes with words of its own. */
export const problems = {
  agent_away: {
    message: "The Nanami service is not running.",
    remedy: "It is tried again by itself. What was protected stays protected.",
  },
  other_version: {
    message: "The app and the Nanami service are of different versions.",
    remedy: "Update both to the same version.",
  },
  cancelled: { message: "It was cancelled.", remedy: "" },
  control_plane_unreachable: {
    message: "The control plane does not answer.",
    remedy: "Look whether this device is online, and try again in a moment.",
  },
  not_enrolled: {
    message: "This device is not enrolled in a network.",
    remedy: "Enrol it with a link from your operator.",
  },
};
