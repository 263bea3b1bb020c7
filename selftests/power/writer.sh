#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Writes generation after generation of the same keys through a write-behind
# cache, and says of each when fsync has promised it. Ends when the power does.
#
# usage: writer.sh FIRST
set -eu

# shellcheck source=selftests/power/lib.sh
. lib.sh

start_store
generation=$1
while :; do
	pairs_of "$generation" >/tmp/pairs
	gone_of "$generation" >/tmp/gone
	kvcctl load c /tmp/pairs
	while read -r key; do
		kvcctl del c "$key"
	done </tmp/gone
	echo "written $generation"
	kvcctl cache flush c
	echo "promised $generation"
	generation=$((generation + 1))
done
