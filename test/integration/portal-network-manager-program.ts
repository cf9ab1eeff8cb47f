/**
 * As much of NetworkManager's bus interface as tells of a sign-in page: a probe that met a captive portal, and a lease
 * with DHCP option 114. Usage: `portal-network-manager-program.ts <text of option 114>`; prints `ready`.
 */
import { systemBus } from "@homebridge/dbus-native";

/** What the library can do and its types leave out. */
interface ServiceBus {
  requestName(name: string, flags: number, done: (error: unknown) => void): void;
  exportInterface(
    values: object,
    path: string,
    description: { name: string; properties: Record<string, string>; methods: object; signals: object },
  ): void;
}

const [, , page = ""] = process.argv;
const SERVICE = "org.freedesktop.NetworkManager";
const bus = systemBus() as unknown as ServiceBus;
const put = (path: string, name: string, properties: Record<string, string>, values: object): void =>
  bus.exportInterface(values, path, { name, properties, methods: {}, signals: {} });

put(
  "/org/freedesktop/NetworkManager",
  SERVICE,
  { Connectivity: "u", PrimaryConnection: "o" },
  {
    Connectivity: 2,
    PrimaryConnection: "/org/freedesktop/NetworkManager/ActiveConnection/7",
  },
);
put(
  "/org/freedesktop/NetworkManager/ActiveConnection/7",
  `${SERVICE}.Connection.Active`,
  { Dhcp4Config: "o" },
  { Dhcp4Config: "/org/freedesktop/NetworkManager/DHCP4Config/3" },
);
put(
  "/org/freedesktop/NetworkManager/DHCP4Config/3",
  `${SERVICE}.DHCP4Config`,
  { Options: "a{sv}" },
  {
    Options: [
      ["ip_address", ["s", "192.168.7.2"]],
      ["default_url", ["s", page]],
    ],
  },
);
bus.requestName(SERVICE, 0, () => process.stdout.write("ready\n"));
