#!/bin/sh
# Cameras (MQTT): each has some photos to be looked at. QoS 1: mosquitto_pub ends once the server has them on disk.
#
#   cameras.sh [HOST [PORT]]
set -eu

for camera in gate yard; do
    printf '%s/photo-%s.jpg\n' "$camera" 1 "$camera" 2 "$camera" 3 "$camera" 4 |
        mosquitto_pub -h "${1:-127.0.0.1}" -p "${2:-1883}" -i "camera-$camera" -q 1 -t "photos/$camera" -l
done
mosquitto_pub -h "${1:-127.0.0.1}" -p "${2:-1883}" -i camera-gate -q 1 -t photos/gate -m "no photo"
