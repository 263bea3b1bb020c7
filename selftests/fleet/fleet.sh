#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# usage: fleet.sh
#
# In a guest, as root: three stock memcached, each in a network namespace of
# its own, behind a stock twemproxy with auto-eject. One of them is paused, or
# its link is cut; meanwhile objects that it has are replaced; it returns. Then
# every object is read through the proxy: those that are old are counted,
# first without kvcctl, where they are what is wrong with such a fleet, then
# with kvcctl as the purge agent, where there must be none.
#
# TAP; closes with "N passed, N failed".
set -u

KEYS=100
PROXY=22121
dir=$(mktemp -d)
passed=0
failed=0
number=0

say()
{
	echo "# $*"
}

# verdict NAME STATUS [WHY]
verdict()
{
	number=$((number + 1))
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
		echo "ok $number - fleet.$1"
	else
		failed=$((failed + 1))
		echo "not ok $number - fleet.$1${3:+: $3}"
	fi
}

# until_true SECONDS COMMAND...: a condition, asked for again and again
until_true()
{
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
	done
}

# mc HOST PORT REQUEST: the first line of the answer and, of a get, the value
mc()
{
	local line value=

	exec 3<>"/dev/tcp/$1/$2" || return 1
	printf '%b' "$3\r\n" >&3
	IFS= read -r -t 5 line <&3 || line=
	[[ $line != VALUE* ]] || IFS= read -r -t 5 value <&3
	exec 3>&-
	answer=${line%$'\r'}
	value=${value%$'\r'}
	found=$value
	[ -n "$answer" ]
} 2>/dev/null

mc_set()
{
	mc "$1" "$2" "set $3 0 0 ${#4}\r\n$4" && [ "$answer" = STORED ]
}

mc_has()
{
	mc "$1" "$2" "get $3" && [[ $answer = VALUE* ]]
}

make_node()
{
	local i=$1

	ip netns add "n$i" &&
	ip link add "v$i" type veth peer name eth0 netns "n$i" &&
	ip addr add "10.0.$i.1/30" dev "v$i" &&
	ip link set "v$i" up &&
	ip -n "n$i" addr add "10.0.$i.2/30" dev eth0 &&
	ip -n "n$i" link set eth0 up &&
	ip -n "n$i" link set lo up || return 1
	ip netns exec "n$i" memcached -u root -l "10.0.$i.2" -p 11211 -m 16 -t 1 &
	pids[i]=$!
}

make_fleet()
{
	local i

	! [ -e /add/veth.ko ] || insmod /add/veth.ko
	ip link set lo up
	for i in 1 2 3; do
		make_node "$i" || return 1
		until_true 30 mc "10.0.$i.2" 11211 version || return 1
	done
	cat >"$dir/proxy.yml" <<-END
	fleet:
	  listen: 127.0.0.1:$PROXY
	  hash: fnv1a_64
	  distribution: ketama
	  auto_eject_hosts: true
	  timeout: 400
	  server_retry_timeout: 2000
	  server_failure_limit: 1
	  servers:
	   - 10.0.1.2:11211:1 n1
	   - 10.0.2.2:11211:1 n2
	   - 10.0.3.2:11211:1 n3
	END
	nutcracker -c "$dir/proxy.yml" -o "$dir/proxy.log" &
	until_true 30 mc 127.0.0.1 "$PROXY" "get any"
}

# Objects of generation 1 that the second node has, KEYS of them
fill()
{
	local prefix=$1 i=0 key

	keys=()
	while [ "${#keys[@]}" -lt "$KEYS" ]; do
		key=$prefix-$((i++))
		until_true 30 mc_set 127.0.0.1 "$PROXY" "$key" "$key=1" || return 1
		! mc_has 10.0.2.2 11211 "$key" || keys+=("$key")
	done
	# Nobody replaces this one: where it is found, the node is routed to.
	marker=${keys[0]}
	keys=("${keys[@]:1}")
}

# The write goes to the proxy again until some node has taken it.
replace()
{
	until_true 30 mc_set 127.0.0.1 "$PROXY" "$1" "$1=2"
}

# Is the node routed to again, and its objects are read?
is_back()
{
	mc_has 127.0.0.1 "$PROXY" "$marker"
}

# How many of the objects are older than what was written last?
count_stale()
{
	local key

	stale=0
	for key in "${keys[@]}"; do
		until_true 30 mc 127.0.0.1 "$PROXY" "get $key" || return 1
		[ "$found" != "$key=1" ] || stale=$((stale + 1))
	done
}

leave()
{
	case $1 in
	pause)	kill -STOP "${pids[2]}" ;;
	cut)	ip link set v2 down ;;
	esac
}

return_()
{
	case $1 in
	pause)	kill -CONT "${pids[2]}" ;;
	cut)	ip link set v2 up ;;
	esac
	until_true 30 mc 10.0.2.2 11211 version
}

without()
{
	local how=$1 key

	fill "without-$how" || return 1
	leave "$how"
	for key in "${keys[@]}"; do
		replace "$key" || return 1
	done
	return_ "$how" && until_true 60 is_back && count_stale || return 1
	say "without kvcctl, $how: $stale stale reads of ${#keys[@]}"
	[ "$stale" -gt 0 ]
}

# The source of an object, which is replaced before the caches are purged (P5)
SOURCE="echo \$KVC_KEY=2 >$dir/source/\$KVC_KEY"

agent()
{
	kvcctl purge --ring fleet --placement ketama --hash fnv1a_64 \
		--lifetime 1h --timeout 500ms "$@"
}

make_ring()
{
	local i

	kvcctl ring create fleet &&
	kvcctl ring add fleet n1 address 10.0.1.2:11211 join serving &&
	kvcctl ring add fleet n2 address 10.0.2.2:11211 join serving &&
	kvcctl ring add fleet n3 address 10.0.3.2:11211 join serving &&
	kvcctl ring place --placement ketama fleet
}

all_replaced()
{
	local key

	for key in "${keys[@]}"; do
		[ "$(cat "$dir/source/$key")" = "$key=2" ] || return 1
	done
}

purge_each()
{
	local key

	for key in "${keys[@]}"; do
		agent --source "$SOURCE" "$key" >/dev/null || return 1
	done
}

# The agent is killed at the 20th object, and the whole list is run again.
purge_killed()
{
	local killer="echo >>$dir/count; [ \$(wc -l <$dir/count) != 20 ] || kill -KILL \$PPID"
	local status=0

	printf '%s\n' "${keys[@]}" >"$dir/keys"
	rm -f "$dir/count"
	agent --source "$SOURCE; $killer" --from-file "$dir/keys" >/dev/null ||
		status=$?
	[ "$status" = 137 ] && [ "$(wc -l <"$dir/count")" = 20 ] || return 1
	agent --source "$SOURCE" --from-file "$dir/keys" >/dev/null
}

deferrals()
{
	kvcctl deferred list fleet n2 | wc -l
}

# with HOW PURGE: each object is replaced and purged while the node is away.
with()
{
	local how=$1

	fill "with-$how-$2" || return 1
	rm -rf "$dir/source"
	mkdir "$dir/source"
	leave "$how"
	"$2" && all_replaced || return 1
	deferred=$(deferrals)
	return_ "$how" && kvcctl node up fleet n2 && [ "$(deferrals)" = 0 ] &&
		until_true 60 is_back && count_stale || return 1
	say "with kvcctl, $how, $2: $deferred deferred, $stale stale reads"
	[ "$deferred" -ge "${#keys[@]}" ] && [ "$stale" = 0 ]
}

# P5: when the source refuses, nothing is purged.
source_comes_first()
{
	local key

	fill source || return 1
	key=${keys[0]}
	! agent --source false "$key" 2>/dev/null && mc_has 10.0.2.2 11211 "$key" &&
		agent --source true "$key" >/dev/null &&
		! mc_has 10.0.2.2 11211 "$key"
}

make_fleet
verdict the_fleet_serves $?
for how in pause cut; do
	without "$how"
	verdict "without_kvcctl_reads_are_stale_$how" $?
done
make_ring
verdict the_ring_is_placed_as_the_proxy_places $?
for how in pause cut; do
	for purge in purge_each purge_killed; do
		with "$how" "$purge"
		verdict "with_kvcctl_no_read_is_stale_${how}_$purge" $?
	done
done
source_comes_first
verdict the_source_is_purged_first $?
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
