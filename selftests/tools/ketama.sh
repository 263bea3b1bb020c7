#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Does kvcctl place keys as twemproxy does (P4)?  Puts 10,000 keys through a
# nutcracker in front of a handful of memcacheds on free ports of this host, and
# asks each of these which it got.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${KVC_BUILD:-$top/build}
KEYS=10000
WEIGHTS=(1 1 2 1 3)

work=$(mktemp -d)
pids=()
passed=0
failed=0

# One that has ended before it is told to is a failure, too.
finish()
{
	local status=$? pid

	for pid in "${pids[@]}"; do
		kill "$pid" || status=1
	done
	wait
	rm -rf "$work"
	exit "$status"
}
trap finish EXIT

result()
{
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
		echo "ok - $2"
	else
		failed=$((failed + 1))
		echo "not ok - $2"
	fi
}

# A port that nobody has just now
free_port()
{
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# answers PORT: until something listens there
answers()
{
	local i

	for ((i = 0; i < 200; i++)); do
		if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
			return 0
		fi
		sleep 0.05
	done
	echo "nothing answers at port $1" >&2
	return 1
}

servers()
{
	local i user=()

	[ "$(id -u)" != 0 ] || user=(-u nobody)
	for i in "${!WEIGHTS[@]}"; do
		ports[i]=$(free_port)
		names[i]=server$i
		memcached "${user[@]}" -l 127.0.0.1 -p "${ports[i]}" -U 0 -t 1 &
		pids+=($!)
		answers "${ports[i]}"
	done
}

# proxy HASH: a nutcracker in front of the servers
proxy()
{
	local i

	port=$(free_port)
	{
		printf 'ring:\n  listen: 127.0.0.1:%s\n  hash: %s\n' "$port" "$1"
		printf '  distribution: ketama\n  auto_eject_hosts: false\n'
		printf '  timeout: 5000\n  servers:\n'
		for i in "${!WEIGHTS[@]}"; do
			printf '   - 127.0.0.1:%s:%s %s\n' "${ports[i]}" \
				"${WEIGHTS[i]}" "${names[i]}"
		done
	} >"$work/$1.yml"
	nutcracker -c "$work/$1.yml" -s "$(free_port)" -o "$work/$1.log" &
	pids+=($!)
	answers "$port"
}

# Stores every key by the proxy, then reads all keys from each server.
owners()
{
	python3 - "$work/keys" "$1" "${ports[@]}" <<-'END'
	import socket, sys
	keys = [k.rstrip(b"\n") for k in open(sys.argv[1], "rb")]

	def connect(port):
	    s = socket.create_connection(("127.0.0.1", int(port)))
	    return s, s.makefile("rb")

	s, f = connect(sys.argv[2])
	for k in keys:
	    s.sendall(b"set " + k + b" 0 0 1\r\nx\r\n")
	    assert f.readline() == b"STORED\r\n"
	out = {}
	for n, port in enumerate(sys.argv[3:]):
	    s, f = connect(port)
	    for at in range(0, len(keys), 50):
	        s.sendall(b"get " + b" ".join(keys[at:at + 50]) + b"\r\n")
	        while (line := f.readline()) != b"END\r\n":
	            key = line.split()[1]
	            assert key not in out
	            out[key] = n
	            f.readline()
	    s.sendall(b"flush_all\r\n")
	    f.readline()
	for k in keys:
	    sys.stdout.buffer.write(k + b" server%d\n" % out[k])
	END
}

# check HASH SERVERS: how many servers the keys come to
check()
{
	local specs=() i differ

	for i in "${!WEIGHTS[@]}"; do
		specs+=("${names[i]}:${WEIGHTS[i]}")
	done
	proxy "$1"
	owners "$port" >"$work/theirs"
	"$build/selftests/kvc-ketama" "$1" "${specs[@]}" <"$work/keys" \
		>"$work/ours"
	differ=$(diff "$work/theirs" "$work/ours" | grep -c '^<') || test $? = 1
	[ "$(wc -l <"$work/ours")" = "$KEYS" ] && [ "$differ" = 0 ] &&
		[ "$(cut -d' ' -f2 "$work/ours" | sort -u | wc -l)" = "$2" ] &&
		result 0 "ketama with $1: $KEYS keys are where nutcracker puts them" ||
		result 1 "ketama with $1: $differ of $KEYS keys differ"
}

ports=()
names=()
# The bytes above 127 are signed in some of the hashes.
python3 -c '
import random, sys
random.seed(7)
for i in range(int(sys.argv[1])):
    tail = bytes(random.choice(b"abcxyz019:/_\xc3\xa9\xff") for _ in range(i % 40))
    sys.stdout.buffer.write(b"key%d:" % i + tail + b"\n")' "$KEYS" >"$work/keys"
servers
for hash in fnv1a_64 md5 crc32a fnv1a_32 one_at_a_time; do
	check "$hash" "${#WEIGHTS[@]}"
done
# Its 15 bits all lie before the first point of the ring.
check crc32 1
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
