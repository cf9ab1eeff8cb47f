/** The few addresses outside that the app opens, each by a name of ours: a window never says an address. */
export const PLACES = {
  wireguard: "https://www.wireguard.com/",
  licence: "https://www.apache.org/licenses/LICENSE-2.0",
} as const;
export type Place = keyof typeof PLACES;
