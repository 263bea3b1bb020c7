// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "number.h"

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit sizes[] = {
	{ "", 1 },
	{ "K", 1ull << 10 },
	{ "M", 1ull << 20 },
	{ "G", 1ull << 30 },
	{ "T", 1ull << 40 },
	{ NULL, 0 },
};

static const struct unit times[] = {
	{ "", 1000000000ull },
	{ "ns", 1 },
	{ "us", 1000ull },
	{ "ms", 1000000ull },
	{ "s", 1000000000ull },
	{ "m", 60 * 1000000000ull },
	{ "h", 3600 * 1000000000ull },
	{ "d", 86400 * 1000000000ull },
	{ NULL, 0 },
};

/* strtoull() without its leniency: no blanks, no sign, overflow is an error. */
static int digits_parse(const char *text, int base, uint64_t *out,
			const char **end)
{
	char *stop;

	if (!isxdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*out = strtoull(text, &stop, base);
	*end = stop;
	if (stop == text)
		return -EINVAL;
	return -errno;
}

static int whole_parse(const char *text, int base, uint64_t max, uint64_t *out)
{
	const char *end;
	int ret;

	ret = digits_parse(text, base, out, &end);
	if (ret)
		return ret;
	if (*end)
		return -EINVAL;
	return *out > max ? -ERANGE : 0;
}

int number_parse(const char *text, uint64_t max, uint64_t *out)
{
	if (!strncasecmp(text, "0x", 2))
		return whole_parse(text, 16, max, out);
	return whole_parse(text, 10, max, out);
}

int octal_parse(const char *text, uint64_t max, uint64_t *out)
{
	return whole_parse(text, 8, max, out);
}

static int unit_parse(const char *text, const struct unit *units,
		      int (*compare)(const char *, const char *),
		      uint64_t max, uint64_t *out)
{
	const char *end;
	uint64_t number;
	int ret;

	ret = digits_parse(text, 10, &number, &end);
	if (ret)
		return ret;
	while (units->name && compare(units->name, end))
		units++;
	if (!units->name)
		return -EINVAL;
	if (__builtin_mul_overflow(number, units->factor, out) || *out > max)
		return -ERANGE;
	return 0;
}

int size_parse(const char *text, uint64_t max, uint64_t *out)
{
	return unit_parse(text, sizes, strcasecmp, max, out);
}

int duration_parse(const char *text, uint64_t max, uint64_t *out_ns)
{
	return unit_parse(text, times, strcmp, max, out_ns);
}

const char *size_text(uint64_t size, char *text, size_t len)
{
	const struct unit *unit = sizes;

	while (size && unit[1].name && size % unit[1].factor == 0)
		unit++;
	snprintf(text, len, "%" PRIu64 "%s", size / unit->factor, unit->name);
	return text;
}

const char *duration_text(uint64_t ns, char *text, size_t len)
{
	const struct unit *unit = times + 1;

	/* Without a unit it would be seconds. */
	while (ns && unit[1].name && ns % unit[1].factor == 0)
		unit++;
	snprintf(text, len, "%" PRIu64 "%s", ns / unit->factor, unit->name);
	return text;
}
