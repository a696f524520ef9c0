#!/bin/sh
# A sensor (MQTT). It publishes some readings with QoS 1 and ends with 0 once the server has all of them on disk.
#
#   sensor.sh [HOST [PORT]]
set -eu

printf '{"celsius": %s}\n' 21.4 21.6 21.9 |
    mosquitto_pub -h "${1:-127.0.0.1}" -p "${2:-1883}" -i sensor-roof -V 5 -D publish content-type application/json \
        -q 1 -t sensors/roof/temperature -l
