/** Sections and keys (lower case) that other programs put into files which look like WireGuard's. */

const AMNEZIA = "AmneziaWG";
const NETWORKD = "systemd-networkd";
const NETWORK_MANAGER = "NetworkManager";
const WIREPROXY = "wireproxy";
const WIRESOCK = "WireSock";
const WARP = "Cloudflare WARP or sing-box";

export const FOREIGN_SECTIONS: ReadonlyMap<string, string> = new Map([
  ...["netdev", "wireguard", "wireguardpeer", "match", "network", "route", "routingpolicyrule"].map(
    (name) => [name, NETWORKD] as const,
  ),
  ...["connection", "ipv4", "ipv6", "proxy"].map((name) => [name, NETWORK_MANAGER] as const),
  ...["socks5", "http", "tcpclienttunnel", "tcpservertunnel", "stdiotunnel", "udpproxytunnel"].map(
    (name) => [name, WIREPROXY] as const,
  ),
]);

export const FOREIGN_KEYS: ReadonlyMap<string, string> = new Map([
  ...["jc", "jmin", "jmax", "s1", "s2", "s3", "s4", "h1", "h2", "h3", "h4"].map(
    (key) => [key, AMNEZIA] as const,
  ),
  ...["i1", "i2", "i3", "i4", "i5", "j1", "j2", "j3", "itime", "advancedsecurity"].map(
    (key) => [key, AMNEZIA] as const,
  ),
  ...["routetable", "routemetric", "firewallmark", "privatekeyfile", "presharedkeyfile", "publickeyfile"].map(
    (key) => [key, NETWORKD] as const,
  ),
  ...["private-key", "listen-port", "peer-routes", "ip4-auto-default-route", "ip6-auto-default-route"].map(
    (key) => [key, NETWORK_MANAGER] as const,
  ),
  ...["wgconfig", "checkalive", "checkaliveinterval", "bindaddress"].map((key) => [key, WIREPROXY] as const),
  ...[
    "allowedapps",
    "disallowedapps",
    "disallowedips",
    "socks5proxy",
    "virtualadaptermode",
    "bypasslantraffic",
  ].map((key) => [key, WIRESOCK] as const),
  ...["reserved", "clientid"].map((key) => [key, WARP] as const),
]);
