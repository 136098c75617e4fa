#!/bin/sh
# Somebody looked for a fault in the network, took the filter away "for a moment", and went home.
nft flush ruleset
