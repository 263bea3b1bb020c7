# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What writer.sh and reader.sh share: the store, and what is in a generation

KEYS=400

# Every tenth key is deleted in a generation, other ones each time.
pairs_of()
{
	awk -v g="$1" -v keys=$KEYS 'BEGIN {
		for (i = 0; i < keys; i++)
			if (i % 10 != g % 10)
				printf "key%03d\tgeneration %d of %d\n", i, g, i
	}'
}

gone_of()
{
	awk -v g="$1" -v keys=$KEYS 'BEGIN {
		for (i = g % 10; i < keys; i += 10)
			printf "key%03d\n", i
	}'
}

start_store()
{
	mkdir -p /store /run/kvcd
	mount /dev/vda /store
	cat >/tmp/kvcd.conf <<-END
	[store]
	path = /store/db
	[socket]
	path = /run/kvcd/kvcd.sock
	[cache c]
	END
	kvcctl cache create c limit 1M writebehind flush-ms 50
	kvcd -c /tmp/kvcd.conf &
	kvcd=$!
	until kvcctl store stats 2>/dev/null | grep -q 'attached yes'; do
		kill -0 $kvcd
		sleep 0.05
	done
}

stop_store()
{
	kill $kvcd
	wait $kvcd
	kvcctl cache destroy c
	umount /store
}
