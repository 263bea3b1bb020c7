/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's headers that are used here ask for no option that is set. */
