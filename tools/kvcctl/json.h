/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_JSON_H
#define KVCCTL_JSON_H

#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "coding.h"

/* The object that every output is: {"version": 1}. */
json_t *json_new(void);

/* Adds a member, which the object then owns. */
void json_add(json_t *object, const char *name, json_t *member);

void json_add_u64(json_t *object, const char *name, uint64_t number);

/*
 * Adds bytes as @name if they are UTF-8, else as @name_base64; as the @coding
 * says when it is another than CODING_PLAIN.
 */
void json_add_bytes(json_t *object, const char *name, enum coding coding,
		    const void *data, size_t len);

#endif /* KVCCTL_JSON_H */
