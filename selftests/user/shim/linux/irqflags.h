/* SPDX-License-Identifier: GPL-2.0-only */
/* UML's <linux/percpu.h> wants its header first; here it is empty. */
