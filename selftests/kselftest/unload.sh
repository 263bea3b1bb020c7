#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Loads and unloads the module under traffic, in the guest: unload.sh [ROUNDS]
#
# Each round loads the module, starts two processes that keep caches busy in
# the round's way, sees rmmod refused while they are at it, kills them and
# unloads at once: whatever they left behind is in the middle of something.  One
# that only listens lives on.  A write-behind cache keeps the module: it has to
# be destroyed, or to end with its namespace, first.  So does an io_uring that has
# a file, until what it had under way is over.

set -eu

rounds=${1:-50}
module=/lib/kvcache.ko
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
pids=
ears=
passed=0
failed=0
checks=0

finish()
{
	stop
	deafen
	rm -rf "$tmp"
}

stop()
{
	for pid in $pids; do
		kill -9 "$pid" 2>/dev/null || continue
	done
	for pid in $pids; do
		wait "$pid" 2>/dev/null || continue
	done
	pids=
}

# Ends who only listens.
deafen()
{
	[ -z "$ears" ] || kill -9 "$ears"
	[ -z "$ears" ] || wait "$ears" 2>/dev/null || test $? = 137
	ears=
}

trap finish EXIT

loaded()
{
	grep -q '^kvcache ' /proc/modules
}

# Counts one check: verdict STATUS TEXT
verdict()
{
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok round $round ($kind): $2"
	fi
}

# Starts traffic and waits until it says that it is under way.
start()
{
	rm -f "$tmp/ready.$1"
	"$here/traffic" "${3-$kind}" "$2" "$tmp/ready.$1" 2>"$tmp/err.$1" &
	pids="$pids $!"
	while [ ! -e "$tmp/ready.$1" ]; do
		if ! kill -0 $! 2>/dev/null; then
			cat "$tmp/err.$1"
			return 1
		fi
		usleep 10000
	done
}

listen()
{
	start 3 ears ears || return 1
	ears=${pids##* }
	pids=${pids% *}
}

refused()
{
	! rmmod kvcache 2>/dev/null && loaded
}

gone()
{
	! loaded && [ ! -e /dev/kvcache ] &&
		! grep -q '^kvc' /proc/slabinfo
}

# Runs a check and counts it: check TEXT COMMAND...
check()
{
	text=$1
	shift
	checks=$((checks + 1))
	status=0
	"$@" || status=$?
	verdict "$status" "$text"
}

# Kills what is under way.
give_up()
{
	stop
	[ "$kind" = behind ] || return 0
	check "rmmod refused while there is a write-behind cache" refused
	check "discard" start 1 one discard
	check "discard more" start 2 two discard
	stop
}

# A namespace ends some time after its last process, and so does an io_uring.
unload()
{
	case $kind in
	netns-behind|uring) ;;
	*)	rmmod kvcache
		! loaded
		return ;;
	esac
	tries=500
	while [ "$tries" -gt 0 ] && refused; do
		tries=$((tries - 1))
		usleep 10000
	done
	! loaded
}

one_round()
{
	check "insmod" insmod "$module"
	check "traffic" start 1 one
	# Of two in one kind, every other round lets both use one cache.
	if [ $((round % 4)) -lt 2 ]; then
		check "more traffic" start 2 one
	else
		check "more traffic" start 2 two
	fi
	check "a listener" listen
	check "rmmod refused while files are open" refused
	give_up
	check "rmmod" unload
	check "nothing left" gone
	check "the listener goes on" kill -0 "$ears"
	deafen
}

if loaded; then
	rmmod kvcache
fi
round=0
while [ "$round" -lt "$rounds" ]; do
	set -- behind churn listen full ring resize netns-listen limit expire \
		netns-behind netns-ring netns uring
	shift $((round % 13))
	kind=$1
	one_round
	round=$((round + 1))
done
insmod "$module"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -eq "$checks" ] &&
	[ "$checks" -ge $((8 * rounds)) ]
