#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Compares what the store has after a power cut with what fsync had promised:
# each key is as it was in that generation, or as in the one that was being
# written. Prints which generations it met.
#
# usage: reader.sh PROMISED
set -eu

# shellcheck source=selftests/power/lib.sh
. lib.sh

promised=$1

# Key by key: the pair, or "gone"
state_of()
{
	pairs_of "$1"
	gone_of "$1" | sed 's/$/\tgone/'
}

start_store
kvcctl dump c /tmp/dump
cut -f 1,2 /tmp/dump >/tmp/found
state_of "$promised" >/tmp/before
state_of $((promised + 1)) >/tmp/after
awk -F '\t' -v keys=$KEYS -v promised="$promised" '
	FILENAME == ARGV[1]	{ before[$1] = $2; next }
	FILENAME == ARGV[2]	{ after[$1] = $2; next }
				{ found[$1] = $2 }
	END {
		for (key in before) {
			has = key in found ? found[key] : "gone"
			if (has == before[key])
				old++
			else if (has == after[key])
				new++
			else
				printf "not ok - %s is \"%s\", not \"%s\" or \"%s\"\n", \
					key, has, before[key], after[key]
		}
		printf "# %d keys of generation %d, %d of the next\n", \
			old, promised, new
		exit old + new != keys
	}' /tmp/before /tmp/after /tmp/found
# A key that nobody ever wrote would be a resurrection, too.
[ "$(wc -l </tmp/found)" -le $KEYS ]
# Each one is also read by itself.
pairs_of "$promised" | cut -f 1 | head -n 20 | while read -r key; do
	kvcctl get c "$key" >/tmp/value || [ $? = 3 ]
done
stop_store
