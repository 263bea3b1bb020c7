/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_SHRINKER_H
#define _KVC_SHRINKER_H

int kvc_shrinker_init(void);
void kvc_shrinker_exit(void);

#endif
