// SPDX-License-Identifier: LGPL-2.1-or-later
/* Structs as nests of attributes. */
#include <errno.h>
#include <string.h>

#include "fields.h"

static int is_number(const struct kvc_field *f)
{
	return f->size == sizeof(uint32_t) || f->size == sizeof(uint64_t);
}

static uint64_t number(const struct kvc_field *f, const char *at)
{
	uint32_t small;
	uint64_t large;

	if (f->size == sizeof(small)) {
		memcpy(&small, at, sizeof(small));
		return small;
	}
	memcpy(&large, at, sizeof(large));
	return large;
}

uint64_t kvc_fields_used(const struct kvc_fields *fields, const void *from)
{
	const struct kvc_field *f = fields->field;
	uint64_t mask = 0;
	const char *at;

	for (; f < fields->field + fields->count; f++) {
		at = (const char *)from + f->offset;
		if (is_number(f) ? number(f, at) != 0 : *at != '\0')
			mask |= 1ull << f->attr;
	}
	return mask;
}

static void put_one(struct nlmsghdr *nlh, const struct kvc_field *f,
		    const char *at)
{
	char text[KVC_ADDRESS_MAX] = "";

	if (f->size == sizeof(uint32_t))
		mnl_attr_put_u32(nlh, f->attr, number(f, at));
	else if (f->size == sizeof(uint64_t))
		mnl_attr_put_u64(nlh, f->attr, number(f, at));
	else {
		memcpy(text, at, strnlen(at, f->size - 1u));
		mnl_attr_put_strz(nlh, f->attr, text);
	}
}

void kvc_fields_put(struct nlmsghdr *nlh, const struct kvc_fields *fields,
		    const void *from, uint64_t mask)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, fields->nest);
	const struct kvc_field *f = fields->field;

	for (; f < fields->field + fields->count; f++) {
		if (mask & 1ull << f->attr)
			put_one(nlh, f, (const char *)from + f->offset);
	}
	mnl_attr_nest_end(nlh, nest);
}

/* True when the attribute has the field's form, and then it was taken. */
static int read_one(const struct kvc_field *f, const struct nlattr *attr,
		    char *to)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (is_number(f)) {
		if (len != f->size)
			return 0;
		memcpy(to, mnl_attr_get_payload(attr), len);
		return 1;
	}
	len = strnlen(mnl_attr_get_payload(attr), len);
	if (len >= f->size)
		return 0;
	memcpy(to, mnl_attr_get_payload(attr), len);
	to[len] = '\0';
	return 1;
}

static const struct kvc_field *find(const struct kvc_fields *fields,
				    uint16_t attr)
{
	const struct kvc_field *f = fields->field;

	for (; f < fields->field + fields->count; f++) {
		if (f->attr == attr)
			return f;
	}
	return NULL;
}

uint64_t kvc_fields_read(const struct nlattr *nest,
			 const struct kvc_fields *fields, void *to)
{
	const struct nlattr *attr;
	const struct kvc_field *f;
	uint64_t mask = 0;

	mnl_attr_for_each_nested(attr, nest) {
		f = find(fields, mnl_attr_get_type(attr));
		if (f && read_one(f, attr, (char *)to + f->offset))
			mask |= 1ull << f->attr;
	}
	return mask;
}

int kvc_fields_name(struct nlmsghdr *nlh, uint16_t nest, uint16_t attr,
		    const char *name)
{
	struct nlattr *start;

	if (strnlen(name, KVC_NAME_MAX) == KVC_NAME_MAX)
		return -ENAMETOOLONG;
	start = mnl_attr_nest_start(nlh, nest);
	mnl_attr_put_strz(nlh, attr, name);
	mnl_attr_nest_end(nlh, start);
	return 0;
}

int kvc_put_cache(struct nlmsghdr *nlh, const char *name)
{
	return kvc_fields_name(nlh, KVC_A_CACHE, KVC_A_CACHE_NAME, name);
}

int kvc_put_ring(struct nlmsghdr *nlh, const char *name)
{
	return kvc_fields_name(nlh, KVC_A_RING, KVC_A_RING_NAME, name);
}

int kvc_put_key(struct nlmsghdr *nlh, uint16_t attr, const void *key,
		size_t len)
{
	if (len > KVC_KEY_MAX)
		return -ENAMETOOLONG;
	mnl_attr_put(nlh, attr, len, key);
	return 0;
}

const void *kvc_attr_bytes(const struct nlattr *attr, size_t *len)
{
	*len = attr ? mnl_attr_get_payload_len(attr) : 0;
	return attr ? mnl_attr_get_payload(attr) : NULL;
}

uint64_t kvc_attr_u64(const struct nlattr *attr)
{
	if (!attr || mnl_attr_get_payload_len(attr) != sizeof(uint64_t))
		return 0;
	return mnl_attr_get_u64(attr);
}
