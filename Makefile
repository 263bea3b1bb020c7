# SPDX-License-Identifier: GPL-2.0-only
# kvcache: see README.md
#
#	make            module for KDIR's kernel, and the tools
#	make demo       a kernel-resident cache at work on real data, in a guest
#	make test       the tests (installs what they need with apt)
#	make check      static checks and userspace tests only
#	make bench      the benchmarks; ROWS="..." selects rows or parts
#	make plots      what they gave into the documentation: pictures and tables
#	make install    on this host: module, tools, udev rule, manual pages

O := $(CURDIR)/build
# The running kernel's headers; without them the newest that are installed.
KDIR ?= $(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
	$(lastword $(sort $(wildcard /lib/modules/*/build))))
PREFIX ?= /usr/local
DESTDIR ?=
INSTALL ?= install
MODULE := $(O)/module/host

all: module tools

deps:
	selftests/deps

$(MODULE):
	mkdir -p $@

# The module is built beside the sources, so that they stay clean.
module: | $(MODULE)
	@test -n "$(KDIR)" || { echo "no kernel headers: apt-get install linux-headers-amd64, or KDIR=..." >&2; exit 1; }
	rsync -rlp --checksum --exclude='*.o' Kbuild kmod uapi $(MODULE)/
	$(MAKE) -C $(KDIR) M=$(MODULE) modules

tools:
	$(MAKE) -C tools O=$(O)

bench-tools: tools
	$(MAKE) -C tools/bench O=$(O)

demo: deps
	$(MAKE) tools bench-tools
	tools/demo/run

bench: deps
	$(MAKE) tools bench-tools
	tools/bench/run $(ROWS)

plots: deps
	tools/bench/plot $(O)/bench.json Documentation/plots
	tools/bench/collect --rst $(O)/bench.json Documentation/performance.rst

check: deps
	selftests/run check

test: deps
	selftests/run

install: all
	$(MAKE) -C $(KDIR) M=$(MODULE) INSTALL_MOD_PATH=$(DESTDIR) modules_install
	$(MAKE) -C tools O=$(O) DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) install
	$(INSTALL) -D -m 644 install/60-kvcache.rules $(DESTDIR)/usr/lib/udev/rules.d/60-kvcache.rules
	$(INSTALL) -D -m 644 install/kvcache-sysusers.conf $(DESTDIR)/usr/lib/sysusers.d/kvcache.conf
	$(INSTALL) -D -m 644 install/kvcache-modules.conf $(DESTDIR)/usr/lib/modules-load.d/kvcache.conf
	$(INSTALL) -D -m 644 install/kvcd.service $(DESTDIR)/usr/lib/systemd/system/kvcd.service
	sed -i 's|@PREFIX@|$(PREFIX)|' $(DESTDIR)/usr/lib/systemd/system/kvcd.service
	$(INSTALL) -D -m 644 install/kvcd.conf $(DESTDIR)$(PREFIX)/share/doc/kvcache/kvcd.conf
	@test -n "$(DESTDIR)" || { depmod; ldconfig; systemd-sysusers; udevadm control --reload; }

clean:
	rm -rf $(O)

.PHONY: all deps module tools bench-tools demo bench plots check test install clean
