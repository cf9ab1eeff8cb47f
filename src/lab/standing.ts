/** The folders of logs of the demo worlds that this process raised and that still stand, for whoever explains a failure. */
export const standing = new Set<string>();
