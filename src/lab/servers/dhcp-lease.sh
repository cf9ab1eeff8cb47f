#!/bin/sh
# What the laptop does with a DHCP lease, as ordinary clients do it: address, resolver, routes. Classless static
# routes (option 121, RFC 3442) are honoured, which is what CVE-2024-3661 (TunnelVision) builds on.
set -e
case "$1" in
deconfig)
  ip -4 address flush dev "$interface"
  ;;
bound | renew)
  ip -4 address replace "$ip/$mask" dev "$interface"
  ip -4 route flush dev "$interface" proto dhcp
  if [ -n "$staticroutes" ]; then
    set -- $staticroutes
    while [ $# -ge 2 ]; do
      if [ "$2" = 0.0.0.0 ]; then
        ip -4 route replace "$1" dev "$interface" proto dhcp
      else
        ip -4 route replace "$1" via "$2" dev "$interface" proto dhcp
      fi
      shift 2
    done
  else
    for gateway in $router; do
      ip -4 route replace default via "$gateway" dev "$interface" proto dhcp
    done
  fi
  : >/etc/resolv.conf.dhcp
  for server in $dns; do
    echo "nameserver $server" >>/etc/resolv.conf.dhcp
  done
  mv /etc/resolv.conf.dhcp /etc/resolv.conf
  ;;
esac
