/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_H
#define KVCCTL_H

/* All of kvcctl but what a process does once; gives the exit status. */
int kvcctl_run(int argc, char **argv);

#endif /* KVCCTL_H */
