/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_SETTINGS_H
#define KVCCTL_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <kvcache.h>

#include "json.h"
#include "words.h"

/*
 * Reads settings, such as "limit 64M noevict", into @config.  @given collects
 * ``1 << KVC_A_CACHE_*`` of what was there; with @change what cannot be changed
 * later is refused.  Gives an exit status.
 */
int settings_parse(int argc, char **argv, struct kvc_config *config,
		   uint64_t *given, bool change);

/* Prints the settings as the words that make such a cache. */
void settings_print(const struct kvc_config *config);

/* Adds the settings to an object. */
void settings_json(json_t *object, const struct kvc_config *config);

const char *policy_text(uint32_t policy);

#endif /* KVCCTL_SETTINGS_H */
