#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kvcctl, libkvc and the example programs against the kernel's module; runs as
# root in a guest, with kvcctl, the examples and the helpers on PATH:
#	cd selftests; guest/run --add tools/guest.sh \
#		--add ../build/selftests/kvc-jsoncheck \
#		--add ../build/selftests/kvc-threads \
#		--add ../build/selftests/kvc-linear -- sh guest.sh
set -eu

passed=0
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# result STATUS NAME: the last check's outcome
result()
{
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
		echo "ok $((passed + failed)) - $2"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $((passed + failed)) - $2"
	sed 's/^/# /' err
}

# status NAME EXPECTED COMMAND...: its exit status; leaves out and err
status()
{
	local name="$1" expected="$2" got=0

	shift 2
	"$@" >out 2>err || got=$?
	[ "$got" = "$expected" ] || echo "exit status $got, not $expected" >>err
	[ "$got" = "$expected" ] && result 0 "$name" || result 1 "$name"
}

# says TEXT: the last command's message contains it
says()
{
	grep -qF -e "$1" err && result 0 "... and says '$1'" ||
		result 1 "... and says '$1'"
}

# equal NAME EXPECTED ACTUAL
equal()
{
	echo "'$3' is not '$2'" >err
	[ "$2" = "$3" ] && result 0 "$1" || result 1 "$1"
}

# same NAME FILE FILE: byte by byte
same()
{
	cmp "$2" "$3" >err 2>&1 && result 0 "$1" || result 1 "$1"
}

# json PATH: what is there in the last command's output
json()
{
	kvc-jsoncheck "$1" <out
}

# names FORMAT FIRST LAST: numbered ones
names()
{
	awk -v format="$1\n" -v i="$2" -v last="$3" \
		'BEGIN { for (; i <= last; i++) printf format, i }'
}

# figure CACHE NAME: of its stats
figure()
{
	kvcctl -j stats "$1" | kvc-jsoncheck "$2"
}

caches()
{
	status "cache create" 0 kvcctl cache create t limit 16M tier 4M \
		policy lru mode 0600
	status "a second of that name is refused" 2 \
		kvcctl cache create t limit 16M
	says "cache set"
	status "a limit that is too small is refused" 2 \
		kvcctl cache create s limit 1K
	says "64K or more"
	status "a bad name is refused" 2 kvcctl cache create .hidden limit 1M
	status "cache list -j" 0 kvcctl -j cache list
	equal "... is version 1" 1 "$(json version)"
	equal "... names the cache" t "$(json caches.0.name)"
	status "cache set" 0 kvcctl cache set t mode 0640 limit 32M
	status "cache show -j" 0 kvcctl -j cache show t
	equal "... has the new mode" 0640 "$(json mode)"
	equal "... has the new limit" 33554432 "$(json limit)"
	equal "... has the old policy" lru "$(json policy)"
	equal "... has the old tier" 4194304 "$(json tier)"
	kvcctl cache show t >shown
	status "cache destroy" 0 kvcctl cache destroy t
	# shellcheck disable=SC2046 # words are what is wanted
	status "cache create of what show said" 0 kvcctl cache create $(cat shown)
	kvcctl cache show t >out
	same "... makes the same" shown out
	status "no such cache" 2 kvcctl get none k
	says "no such cache"
	status "cache show of none" 2 kvcctl cache show none
	status "cache destroy of none" 2 kvcctl cache destroy none
}

statuses()
{
	status "get of a missing key" 3 kvcctl get t none
	status "del of a missing key" 3 kvcctl del t none
	status "touch of a missing key" 3 kvcctl touch t none 1h
	status "put --replace of a missing key" 3 kvcctl put --replace t none v
	status "put --create" 0 kvcctl put --create t k v
	status "put --create of a present key" 2 kvcctl put --create t k w
	says "already"
	status "get" 0 kvcctl get t k
	printf v >expected
	same "... prints the value and nothing else" expected out
	status "no arguments" 1 kvcctl
	status "unknown command" 1 kvcctl none
	status "bad size" 1 kvcctl cache create u limit 1X
	status "an error with -j" 3 kvcctl -j get t none
	equal "... is a JSON object" ENOENT "$(kvc-jsoncheck error.errno <err)"
	status "put with an expiry that has come" 0 kvcctl put --ttl 1ns t brief v
	status "... is gone at once" 3 kvcctl get t brief
	status "put --ttl" 0 kvcctl put --ttl 1h t brief v
	status "touch never" 0 kvcctl touch t brief never
	status "get -j" 0 kvcctl -j get t brief
	equal "... never ends" null "$(json ttl_ns)"
}

versions()
{
	local version

	status "put -j" 0 kvcctl -j put --flags 7 t counted 1
	version=$(json cas)
	status "put --cas" 0 kvcctl -j put --cas "$version" --flags 8 t counted 2
	equal "... gives a greater version" 1 "$(($(json cas) > version))"
	status "put --cas of an old version" 2 \
		kvcctl put --cas "$version" t counted 3
	says "changed meanwhile"
	status "del --cas of an old version" 2 kvcctl del --cas "$version" t counted
	status "get -j" 0 kvcctl -j get t counted
	equal "... has the value" 2 "$(json value)"
	equal "... has the flags" 8 "$(json flags)"
	status "del --cas" 0 kvcctl del --cas "$(json cas)" t counted
}

# exact NAME HEX OCTAL: a pair whose key and value are these bytes; OCTAL is
# for printf
exact()
{
	local name="$1" hex="$2"

	# bad input row: tool: key with NUL, newline, tab, leading -, not UTF-8
	printf "$3" >raw
	status "put: $name" 0 kvcctl put --hex -i raw b "$hex"
	status "get: $name" 0 kvcctl get --hex b "$hex"
	equal "... is exact in hex" "$hex" "$(cat out)"
	status "get in base64: $name" 0 kvcctl get --base64 b "$(base64 <raw)"
	equal "... is exact in base64" "$(base64 <raw)" "$(cat out)"
	round_trip "$name" tsv "$hex"
	round_trip "$name" jsonl "$hex"
	status "del: $name" 0 kvcctl del --hex b "$hex"
}

# round_trip NAME FORMAT HEX: cache b holds the pair, and nothing else
round_trip()
{
	status "dump as $2: $1" 0 kvcctl dump --format "$2" b dumped
	status "clear" 0 kvcctl cache clear b
	status "load as $2: $1" 0 kvcctl load --format "$2" b dumped
	status "scan: $1" 0 kvcctl -j scan --hex b
	equal "... gives one pair" 1 "$(json pairs)"
	equal "... with this key" "$3" "$(json pairs.0.key_hex)"
	equal "... and this value" "$3" "$(json pairs.0.value_hex)"
}

bytes()
{
	kvcctl cache create b limit 8M
	exact "NUL" 6100 'a\000'
	exact "newline" 610a0a '\141\n\n'
	exact "tab" 096109 '\ta\t'
	exact "leading -" 2d2d68656c70 '\055\055help'
	exact "not UTF-8" ff80c0af '\377\200\300\257'
	exact "backslashes" 5c5c785c '\\\\x\\'
	exact "quotes" 2227 '\042\047'
	status "put of arguments that begin with -" 0 kvcctl put b -- -k -v
	status "get of a key that begins with -" 0 kvcctl get b -- -k
	equal "... is the value" -v "$(cat out)"
	status "without --, that is a mistake" 1 kvcctl get b -k
	says "--"
	kvcctl cache destroy b
}

sizes()
{
	head -c 1048576 /dev/urandom >large
	status "put of 1 MiB" 0 kvcctl put t large -i large
	status "get of 1 MiB" 0 kvcctl get t large
	same "... is exact" large out
	echo >>large
	status "put of 1 MiB and a byte" 2 kvcctl put t large -i large
	says "value-max"
	status "put of a key of 4096 bytes" 0 \
		kvcctl put t "$(head -c 4096 /dev/zero | tr '\0' k)" v
	status "put of a key of 4097 bytes" 2 \
		kvcctl put t "$(head -c 4097 /dev/zero | tr '\0' k)" v
	says "key-max"
}

# 3000 pairs of random bytes, every one different
random_pairs()
{
	awk 'function bytes(n,  s) {
		for (s = ""; n > 0; n--)
			s = s sprintf("\\x%02x", int(rand() * 256))
		return s
	}
	BEGIN {
		srand(4)
		for (i = 0; i < 3000; i++)
			print bytes(1 + int(rand() * 30)) sprintf("%05d", i) \
				"\t" bytes(int(rand() * 60)) "\t" i
	}'
}

files()
{
	local format

	kvcctl cache create f limit 16M
	kvcctl cache create g limit 16M
	random_pairs >pairs
	status "load -j" 0 kvcctl -j load f pairs
	equal "... says how many" 3000 "$(json loaded)"
	equal "scan gives as many" 3000 "$(kvcctl scan --keys f | wc -l)"
	for format in tsv jsonl; do
		status "dump as $format" 0 kvcctl dump --format "$format" f first
		kvcctl cache clear g
		status "load as $format" 0 kvcctl load --format "$format" g first
		status "dump again" 0 kvcctl dump --format "$format" g second
		same "... is the same" first second
	done
	kvcctl dump --format jsonl f | kvc-jsoncheck -l flags | sort -n >out
	names '%d' 0 2999 >expected
	same "every line of JSON is an object with its flags" expected out
	kvcctl put --ttl 1h f timed v
	kvcctl dump f | kvcctl load g -
	status "get -j of a pair with a time to live" 0 kvcctl -j get g timed
	equal "... has what is left of it" 1 \
		"$(($(json ttl_ns) > 0 && $(json ttl_ns) <= 3600000000000))"
	printf 'a\t1\nb\n' >bad
	status "load of a bad line" 1 kvcctl load g bad
	says "bad:2: "
	ranges
	outputs
	kvcctl cache destroy f
	kvcctl cache destroy g
}

ranges()
{
	kvcctl cache clear g
	names 'k%04d' 0 999 | awk '{ print $1 "\t" $1 }' | kvcctl load g -
	status "scan --prefix" 0 kvcctl scan --prefix k05 --keys g
	names 'k%04d' 500 599 >expected
	same "... gives these, in order" expected out
	status "scan --from --to" 0 kvcctl scan --keys --from k0990 --to k0995 g
	names 'k%04d' 990 994 >expected
	same "... gives these" expected out
	status "scan --after --limit" 0 kvcctl scan --keys --after k0100 --limit 2 g
	names 'k%04d' 101 102 >expected
	same "... gives these" expected out
}

# What cannot be written is no success.
outputs()
{
	local got=0

	status "dump to a full disk" 2 kvcctl dump f /dev/full
	says "No space left"
	kvcctl dump f >/dev/full 2>err || got=$?
	equal "dump to a full stdout" 2 "$got"
	got=0
	kvcctl -j stats f >/dev/full 2>err || got=$?
	equal "stats -j to a full stdout" 2 "$got"
	got=0
	kvcctl get t k >&- 2>err || got=$?
	equal "get to a closed stdout" 2 "$got"
	got=0
	kvcctl put t k <&- 2>err || got=$?
	equal "put from a closed stdin" 2 "$got"
	{ kvcctl dump f 2>pipe_err || echo $? >pipe_status; } | head -n 1 >out
	equal "dump to a pipe that is closed" 2 "$(cat pipe_status)"
}

# The sum that holds at any time.
sum()
{
	echo $(($(figure m puts) - $(figure m updates_tier) -
		$(figure m updates_memtable) - $(figure m deletes) -
		$(figure m evicted_limit) - $(figure m evicted_pressure) -
		$(figure m expired) - $(figure m cleared)))
}

# Issue 2, "kvcctl stats agrees with a model's count": the model is the list of
# keys that went in, and what scan, get and del say about each.
model()
{
	local key hits=0 misses=0 deletes=0 present

	kvcctl cache create m limit 2M policy fifo
	names 'key-%06d' 1 20000 >keys
	awk '{ print $1 "\tthe value of " $1 ", which takes some room" }' keys |
		kvcctl load m -
	kvcctl scan --keys m >present
	present=$(wc -l <present)
	equal "stats: puts" 20000 "$(figure m puts)"
	equal "stats: entries are what a scan gives" "$present" \
		"$(figure m entries)"
	equal "stats: what is gone was evicted" $((20000 - present)) \
		"$(($(figure m evicted_limit) + $(figure m evicted_pressure)))"
	equal "... and that is not nothing" 1 "$((present < 20000))"
	equal "stats: the sum" "$present" "$(sum)"
	equal "stats: the bytes keep the limit" 1 \
		"$(($(figure m bytes_tier) + $(figure m bytes_memtable) <= 2097152))"

	for key in $(awk 'NR % 400 == 1' keys) $(awk 'NR % 200 == 1' present); do
		if kvcctl get m "$key" >out 2>err; then
			hits=$((hits + 1))
		else
			misses=$((misses + 1))
		fi
	done
	equal "stats: gets" $((hits + misses)) "$(figure m gets)"
	equal "stats: hits" "$hits" \
		"$(($(figure m hits_tier) + $(figure m hits_memtable)))"
	equal "stats: misses" "$misses" "$(figure m misses)"

	for key in $(awk 'NR % 400 == 2' keys) $(awk 'NR % 200 == 2' present); do
		if kvcctl del m "$key" 2>err; then
			deletes=$((deletes + 1))
		fi
	done
	equal "stats: deletes" "$deletes" "$(figure m deletes)"
	equal "stats: entries after them" $((present - deletes)) \
		"$(figure m entries)"

	kvcctl scan --keys m >present
	for key in $(awk 'NR % 200 == 3' present); do
		kvcctl put m "$key" "another value"
	done
	equal "stats: updates" "$(awk 'NR % 200 == 3' present | wc -l)" \
		"$(($(figure m updates_tier) + $(figure m updates_memtable)))"
	key=$(head -n 1 present)
	status "put --create of a present key" 2 kvcctl put --create m "$key" v
	equal "stats: refused" 1 "$(figure m refused)"
	kvcctl touch m "$key" 1h
	equal "stats: touches" 1 "$(figure m touches)"
	equal "stats: the sum, at the end" "$(kvcctl scan --keys m | wc -l)" \
		"$(sum)"
	kvcctl cache clear m
	equal "stats: no entries after clear" 0 "$(figure m entries)"
	equal "stats: the sum, after clear" 0 "$(sum)"
	status "stats for people" 0 kvcctl stats m
	cat out
	kvcctl cache destroy m
}

# What happened in a cache comes once and in order, live and from its log.
events()
{
	local monitor

	kvcctl cache create e limit 8M events 16K
	# C3: subscribers are told what is out of date
	kvcctl monitor --count 4 e >live 2>err &
	monitor=$!
	# It is there when an event comes: those before it are not its.
	while ! [ -s live ]; do
		kvcctl put e first v
		sleep 0.1
	done
	kvcctl put e a/1 v
	kvcctl del e a/1
	kvcctl purge e gone >out
	for value in v w x y; do
		kvcctl put e a/2 "$value"
	done
	wait "$monitor" || echo "monitor: $?" >>err
	kvcctl events --since "$(head -n 1 live | cut -f 2)" --count 4 e >out
	same "monitor says what the log has" out live
	status "events -j" 0 kvcctl -j events --reason deleted --count 1 e
	equal "... has the key" a/1 "$(json key)"
	status "purge --prefix" 0 kvcctl -j purge e --prefix a/
	equal "... says how many" 1 "$(json purged)"
	status "... and it is gone" 3 kvcctl get e a/2
	names 'n%06d' 1 3000 | awk '{ print $1 "\t1" }' | kvcctl load e -
	names 'n%06d' 1 3000 | awk '{ print $1 "\t2" }' | kvcctl load e -
	status "events that the log lost" 0 kvcctl -j events --count 1 e
	equal "... are an overrun" overrun "$(json event)"
	status "fence" 0 kvcctl fence e 0s
	status "... lookups miss" 3 kvcctl get e n000001
	status "fence none" 0 kvcctl fence e none
	status "... and hit again" 0 kvcctl get e n000001
	kvcctl cache create quiet limit 1M noevents
	status "events of a cache that keeps none" 2 kvcctl events quiet
	kvcctl cache destroy quiet
	kvcctl cache destroy e
}

# C4: rings; no server answers at these addresses
rings()
{
	status "ring create" 0 kvcctl ring create r threshold 1 validity 1h
	status "ring add" 0 kvcctl ring add r a address /none/a join founder
	status "ring add" 0 kvcctl ring add r b address /none/b join founder
	status "a second node of that name" 2 \
		kvcctl ring add r a address /none/c
	status "ring show -j" 0 kvcctl -j ring show r
	equal "... has two nodes" 2 "$(json node_count)"
	equal "... which are up" up "$(json nodes.0.status)"
	status "ring route" 0 kvcctl ring route r key
	equal "... names a node first" 1 "$(head -n 1 out | grep -c '^[ab]	')"
	status "purge --dry-run" 0 kvcctl purge --ring r --dry-run key
	equal "... says why" 1 "$(grep -c 'would be purged	up ever since$' out)"
	status "... leaves no deferral" 0 kvcctl -j deferred list r
	equal "... " 0 "$(json deferrals)"
	status "purge of what cannot be reached" 0 kvcctl purge --ring r key
	status "... is deferred" 0 kvcctl -j deferred list r
	equal "... with its key" key "$(json deferrals.0.key)"
	for node in a b; do
		kvcctl node down r "$node"
	done
	kvcctl purge --ring r --lifetime 1h other >out
	status "node up of what does not answer" 2 kvcctl node up r a
	says "deferrals are kept"
	status "ring dump" 0 kvcctl ring dump r dumped
	status "ring destroy" 0 kvcctl ring destroy r
	status "ring load" 0 kvcctl ring load dumped
	status "heartbeat" 0 kvcctl heartbeat --ring r
	status "ring destroy" 0 kvcctl ring destroy r
	status "ring show of none" 2 kvcctl ring show r
}

example()
{
	# C2: a program reaches the cache by ioctl, through the library
	status "the example program" 0 kvc-example t
	printf '%s\n' 'counted to 42' 'example/colour = blue' \
		'example/count = 42' >expected
	same "... prints what it should" expected out
	status "the example program without a cache" 1 kvc-example none
	names 'u/%03d' 1 200 >keys
	sed 's/.*/&\tvalue of &/' keys >items
	status "load for the io_uring example" 0 kvcctl load t items
	status "the io_uring example" 0 sh -c 'kvc-uring t <keys'
	sed 's/.*/& = value of &/' keys >expected
	sort out >answers
	same "... prints every answer" expected answers
	status "the io_uring example, of a missing key" 0 \
		sh -c 'echo absent | kvc-uring t'
	equal "... prints why" "absent: No such file or directory" "$(cat out)"
	status "the io_uring example without a cache" 1 kvc-uring none
	status "threads that share a handle" 0 kvc-threads t
	equal "... lose no step" 2000 "$(cat out)"
}

# The moments between a change and the count of it before and after are made
# long: it takes some time to find out where the kernel is.
lengthen()
{
	local what when

	cd /sys/kernel/tracing
	for what in publish unlink; do
		echo "p:kvc/before_$what kvcache:kvc_shard_$what" >>kprobe_events
		echo "r:kvc/after_$what kvcache:kvc_shard_$what" >>kprobe_events
		for when in before after; do
			echo stacktrace >"events/kvc/${when}_$what/trigger"
		done
	done
	cd "$work"
}

# Prints how many of the four were met.
shorten()
{
	cd /sys/kernel/tracing
	awk '$2 > 0' kprobe_profile | wc -l
	for file in events/kvc/*/trigger; do
		echo '!stacktrace' >"$file"
	done
	echo >kprobe_events
	cd "$work"
}

near()
{
	# Small, so that pairs are evicted under what is kept near
	status "a small cache" 0 kvcctl cache create linear limit 128K \
		key-max 64 value-max 64
	lengthen
	status "a million operations, near and far, are linearizable" 0 \
		kvc-linear linear 1000000
	equal "... with long changes" 4 "$(shorten)"
	kvcctl cache destroy linear
}

# as USER COMMAND...
as()
{
	local user="$1"

	shift
	su "$user" -s /bin/sh -c "$*"
}

rights()
{
	local mode

	mode=$(stat -c %a /dev/kvcache)
	chmod 666 /dev/kvcache
	status "another user's get" 2 as user kvcctl get t k
	says "Permission denied"
	status "another user's cache create" 2 \
		as user kvcctl cache create u limit 1M
	says "CAP_NET_ADMIN"
	status "another user's cache destroy" 2 as user kvcctl cache destroy t
	status "the cache for everybody to read" 0 kvcctl cache set t mode 0644
	status "another user's get" 0 as user kvcctl get t k
	status "another user's put" 2 as user kvcctl put t k v
	chmod 600 /dev/kvcache
	status "the device for root only" 2 as user kvcctl get t k
	says "group"
	chmod "$mode" /dev/kvcache
}

end()
{
	status "cache destroy" 0 kvcctl cache destroy t
	status "cache list -j" 0 kvcctl -j cache list
	equal "... is empty" 0 "$(json caches)"
	rmmod kvcache
	status "without the module" 4 kvcctl cache list
	says "modprobe kvcache"
	insmod /lib/kvcache.ko
	status "with it again" 0 kvcctl cache list
}

# C4: kvcctl manages what is there to be managed so far
caches
statuses
versions
bytes
sizes
files
model
events
rings
example
near
rights
end
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
