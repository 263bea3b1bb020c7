#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# usage: genl_gen.sh [DIRECTORY]
#
# Makes the netlink header and tables from Documentation/netlink/specs, in the
# tree or in another directory, with the kernel's own generator.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${1:-$top}
ynl=$("$top/selftests/guest/kernel" ynl-6.12)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# It writes the path of the specification, as in the kernel's tree.
cp -r "$ynl"/. "$work"
cp "$top/Documentation/netlink/specs/kvcache.yaml" \
	"$work/Documentation/netlink/specs/"
cd "$work"

generate()
{
	local file=$1

	shift
	mkdir -p "$(dirname "$out/$file")"
	timeout 60 python3 tools/net/ynl/ynl-gen-c.py "$@" \
		--spec Documentation/netlink/specs/kvcache.yaml \
		-o "$out/$file"
}

generate uapi/linux/kvcache_netlink.h --mode uapi --header
generate kmod/genl_gen.h --mode kernel --header
generate kmod/genl_gen.c --mode kernel --source
