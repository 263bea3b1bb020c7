/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_CDEV_H
#define _KVC_CDEV_H

int kvc_cdev_init(void);
void kvc_cdev_exit(void);

#endif
