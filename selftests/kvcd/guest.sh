#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kvcd and its store beside the kernel's module; runs as root in a guest:
#	cd selftests; guest/run --add kvcd/guest.sh \
#		--add ../build/selftests/kvc-kills --add "$(command -v mount)" \
#		-- sh guest.sh [ROUNDS]
set -eu

rounds=${1:-100}
work=$(mktemp -d)
passed=0
failed=0

mkdir "$work/store"
mount -t tmpfs none "$work/store"
cat >"$work/conf" <<END
[store]
path = $work/store/db
reserve = 1M
[socket]
path = $work/socket
[cache c]
END
export KVC_KVCD_SOCKET="$work/socket"

# kills LIMIT SEED ROUNDS
kills()
{
	status=0

	kvcctl cache create c limit "$1" writebehind flush-ms 20
	kvc-kills "$work/conf" "$2" "$3" >"$work/out" || status=$?
	sed "s/ - / - limit $1, seed $2: /" "$work/out"
	passed=$((passed + $(grep -c '^ok' "$work/out" || test $? = 1)))
	failed=$((failed + $(grep -c '^not ok' "$work/out" || test $? = 1)))
	[ "$status" = 0 ] || grep -q '^not ok' "$work/out" || {
		failed=$((failed + 1))
		echo "not ok - limit $1, seed $2: exit status $status"
	}
	kvcctl cache destroy c
	rm -rf "$work/store/db"
}

# A cache that cannot hold all keys, and one that can
kills 1M 4711 "$rounds"
kills 16M 271828 $((rounds / 5))
umount "$work/store"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" = 8 ]
