#!/bin/sh
# Joins the network that the cable $1 leads to, as a device does: DHCP, router solicitation, and the wait for both.
set -e
folder=$(dirname "$0")
# IPv6 was off until now, so that the solicitation is sent when there is somebody to answer it.
echo 0 >"/proc/sys/net/ipv6/conf/$1/disable_ipv6"
busybox udhcpc -n -i "$1" -T 1 -t 10 -O staticroutes -s "$folder/dhcp-lease.sh"
tries=0
until ip -6 route show default dev "$1" | grep -q via; do
  tries=$((tries + 1))
  [ "$tries" -lt 200 ] || {
    echo "$1: no router advertisement came" >&2
    exit 1
  }
  sleep 0.05
done
