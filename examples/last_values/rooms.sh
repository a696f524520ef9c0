#!/bin/sh
# Rooms (MQTT) that publish their state, retained: the server keeps the last value of each topic.
#
#   rooms.sh [HOST [PORT]]
set -eu

publish() { mosquitto_pub -h "$host" -p "$port" -q 1 -r -t "rooms/$1" -m "$2"; }

host=${1:-127.0.0.1} port=${2:-1883}
publish hall/temperature 18.5
publish hall/temperature 19.0
publish kitchen/temperature 22.5
publish kitchen/window open
