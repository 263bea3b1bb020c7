#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs test programs in the guest: run.sh [PROGRAM]...
#
# Without arguments all of this directory but failnth and failbehind, which want
# a kernel with fault injection, and fuzz.  A skipped test, a test that was planned and not run,
# and a program that ends otherwise than its tests say count as failures.

set -eu

here=$(cd "$(dirname "$0")" && pwd)
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT

programs()
{
	for file in "$here"/*; do
		case ${file##*/} in
		*.sh|failnth|failbehind|traffic|fuzz) ;;
		*) [ -d "$file" ] || echo "${file##*/}" ;;
		esac
	done
}

# Prints the lines of tests that failed, then "passed failed".
judge()
{
	awk -v status="$1" -v name="$2" '
	/^1\.\.[0-9]+/		{ plan = substr($1, 4) + 0; next }
	function show(last,	i) {
		for (i = 1; i <= kept && i <= 40; i++)
			print line[i]
		if (kept > 40)
			printf "# and %d lines more\n", kept - 40
		print last
		kept = 0
	}
	/^# +RUN /		{ kept = 0 }
	/^ok .*# SKIP/		{ skipped++; show($0); next }
	/^ok /			{ passed++; kept = 0; next }
	/^not ok /		{ failed++; show($0); next }
				{ line[++kept] = $0 }
	END {
		missing = plan - passed - failed - skipped
		if (missing > 0 || !plan) {
			show(sprintf("# %s: %d of %d tests did not report", \
				name, missing, plan))
			failed += plan ? missing : 1
		}
		failed += skipped
		if ((status != 0) != (failed > 0)) {
			printf "# %s: exit status %d with %d failed\n", \
				name, status, failed
			if (!failed)
				failed = 1
		}
		printf "%d %d\n", passed, failed
	}' "$log/out"
}

# Seconds since the boot
uptime()
{
	cut -d. -f1 /proc/uptime
}

# shellcheck disable=SC2046 # names without blanks
[ $# -gt 0 ] || set -- $(programs)
passed=0
failed=0
for program in "$@"; do
	echo "# $program"
	status=0
	began=$(uptime)
	"$here/$program" >"$log/out" 2>&1 || status=$?
	judge "$status" "$program" >"$log/verdict"
	sed '$d' "$log/verdict"
	read -r good bad <<-END
		$(tail -n 1 "$log/verdict")
	END
	echo "# $program: $good passed, $bad failed, $(($(uptime) - began)) s"
	passed=$((passed + good))
	failed=$((failed + bad))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
