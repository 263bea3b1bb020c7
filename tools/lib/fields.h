/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KVC_FIELDS_H
#define KVC_FIELDS_H

#include <stddef.h>

#include "ctl.h"

/**
 * struct kvc_field - where an attribute's value stands in a struct
 * @attr: its type in its nest
 * @offset: of the field
 * @size: 4 and 8: a number; else a string's room
 */
struct kvc_field {
	uint16_t attr;
	uint16_t offset;
	uint16_t size;
};

/**
 * struct kvc_fields - a struct that a nest of attributes carries
 * @nest: type of the nest
 * @count: number of fields
 * @field: the fields
 */
struct kvc_fields {
	uint16_t nest;
	uint16_t count;
	const struct kvc_field *field;
};

#define KVC_FIELD(attr, type, member) \
	{ attr, offsetof(type, member), sizeof(((type *)0)->member) }

#define KVC_FIELDS(nest, array) \
	{ nest, sizeof(array) / sizeof((array)[0]), array }

#define KVC_BIT(attr)	(1u << (attr))

/* The fields that are not zero, or an empty text, as bits by attribute. */
uint64_t kvc_fields_used(const struct kvc_fields *fields, const void *from);

/* Adds a nest with those that @mask says. */
void kvc_fields_put(struct nlmsghdr *nlh, const struct kvc_fields *fields,
		    const void *from, uint64_t mask);

/* Reads what is known of a nest; gives bits by attribute. */
uint64_t kvc_fields_read(const struct nlattr *nest,
			 const struct kvc_fields *fields, void *to);

/* Adds a nest with nothing in it but a text; -ENAMETOOLONG when it is none. */
int kvc_fields_name(struct nlmsghdr *nlh, uint16_t nest, uint16_t attr,
		    const char *name);

/* The same for a cache and for a ring. */
int kvc_put_cache(struct nlmsghdr *nlh, const char *name);
int kvc_put_ring(struct nlmsghdr *nlh, const char *name);

/* Adds a key; -ENAMETOOLONG when no cache can have it. */
int kvc_put_key(struct nlmsghdr *nlh, uint16_t attr, const void *key,
		size_t len);

/* The bytes of a binary attribute; NULL: it is not there. */
const void *kvc_attr_bytes(const struct nlattr *attr, size_t *len);

/* Its number, of 8 bytes; 0 when it is not there. */
uint64_t kvc_attr_u64(const struct nlattr *attr);

#endif /* KVC_FIELDS_H */
