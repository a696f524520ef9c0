#!/bin/sh
# A device (MQTT) that waits for commands. Its session outlives the connection (-c), so that commands wait for it.
#
#   device.sh [HOST [PORT [NAME]]]
set -eu

name=${3:-valve-7}
echo "$name is waiting"
exec mosquitto_sub -h "${1:-127.0.0.1}" -p "${2:-1883}" -i "$name" -c -q 1 -t "commands/$name" -F "$name: %p"
