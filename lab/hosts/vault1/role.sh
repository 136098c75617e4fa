#!/bin/sh
set -eu
chmod 755 /lab-init
