// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include <kvcache.h>

#include "error.h"
#include "number.h"
#include "options.h"

/* Values of the options that have no letter of their own. */
enum {
	CODE_TTL = 256,
	CODE_CREATE,
	CODE_REPLACE,
	CODE_CAS,
	CODE_FLAGS,
	CODE_HEX,
	CODE_BASE64,
	CODE_PREFIX,
	CODE_FROM,
	CODE_TO,
	CODE_AFTER,
	CODE_KEYS,
	CODE_LIMIT,
	CODE_FORMAT,
	CODE_INTERVAL,
	CODE_COUNT,
	CODE_REASON,
	CODE_SINCE,
	CODE_FILE,
	CODE_REVISION,
	CODE_RING,
	CODE_CACHE,
	CODE_SOURCE,
	CODE_LIFETIME,
	CODE_DRY_RUN,
	CODE_PLACEMENT,
	CODE_HASH,
	CODE_TIMEOUT,
	CODE_DISCARD,
	CODE_SOCKET,
	CODE_CACHE_ONLY,
};

static const struct option longs[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "pretty", no_argument, NULL, 'p' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ "device", required_argument, NULL, 'D' },
	{ "ttl", required_argument, NULL, CODE_TTL },
	{ "create", no_argument, NULL, CODE_CREATE },
	{ "replace", no_argument, NULL, CODE_REPLACE },
	{ "cas", required_argument, NULL, CODE_CAS },
	{ "flags", required_argument, NULL, CODE_FLAGS },
	{ "hex", no_argument, NULL, CODE_HEX },
	{ "base64", no_argument, NULL, CODE_BASE64 },
	{ "input", required_argument, NULL, 'i' },
	{ "raw", no_argument, NULL, 'r' },
	{ "prefix", required_argument, NULL, CODE_PREFIX },
	{ "from", required_argument, NULL, CODE_FROM },
	{ "to", required_argument, NULL, CODE_TO },
	{ "after", required_argument, NULL, CODE_AFTER },
	{ "keys", no_argument, NULL, CODE_KEYS },
	{ "limit", required_argument, NULL, CODE_LIMIT },
	{ "format", required_argument, NULL, CODE_FORMAT },
	{ "keep-going", no_argument, NULL, 'k' },
	{ "interval", required_argument, NULL, CODE_INTERVAL },
	{ "count", required_argument, NULL, CODE_COUNT },
	{ "reason", required_argument, NULL, CODE_REASON },
	{ "since", required_argument, NULL, CODE_SINCE },
	{ "from-file", required_argument, NULL, CODE_FILE },
	{ "revision", required_argument, NULL, CODE_REVISION },
	{ "ring", required_argument, NULL, CODE_RING },
	{ "cache", required_argument, NULL, CODE_CACHE },
	{ "source", required_argument, NULL, CODE_SOURCE },
	{ "lifetime", required_argument, NULL, CODE_LIFETIME },
	{ "dry-run", no_argument, NULL, CODE_DRY_RUN },
	{ "placement", required_argument, NULL, CODE_PLACEMENT },
	{ "hash", required_argument, NULL, CODE_HASH },
	{ "timeout", required_argument, NULL, CODE_TIMEOUT },
	{ "discard-dirty", no_argument, NULL, CODE_DISCARD },
	{ "socket", required_argument, NULL, CODE_SOCKET },
	{ "cache-only", no_argument, NULL, CODE_CACHE_ONLY },
	{ NULL, 0, NULL, 0 },
};

/* Which OPT_* an option is, 0: one that every command has. */
static const struct {
	int code;
	uint64_t bit;
} bits[] = {
	{ CODE_TTL, OPT_TTL },
	{ CODE_CREATE, OPT_CREATE },
	{ CODE_REPLACE, OPT_REPLACE },
	{ CODE_CAS, OPT_CAS },
	{ CODE_FLAGS, OPT_FLAGS },
	{ CODE_HEX, OPT_CODING },
	{ CODE_BASE64, OPT_CODING },
	{ 'i', OPT_INPUT },
	{ 'r', OPT_RAW },
	{ CODE_PREFIX, OPT_PREFIX },
	{ CODE_FROM, OPT_FROM },
	{ CODE_TO, OPT_TO },
	{ CODE_AFTER, OPT_AFTER },
	{ CODE_KEYS, OPT_KEYS },
	{ CODE_LIMIT, OPT_LIMIT },
	{ CODE_FORMAT, OPT_FORMAT },
	{ 'k', OPT_KEEP_GOING },
	{ CODE_INTERVAL, OPT_INTERVAL },
	{ CODE_COUNT, OPT_COUNT },
	{ CODE_REASON, OPT_REASON },
	{ CODE_SINCE, OPT_SINCE },
	{ CODE_FILE, OPT_FILE },
	{ CODE_REVISION, OPT_REVISION },
	{ CODE_RING, OPT_RING },
	{ CODE_CACHE, OPT_CACHE },
	{ CODE_SOURCE, OPT_SOURCE },
	{ CODE_LIFETIME, OPT_LIFETIME },
	{ CODE_DRY_RUN, OPT_DRY_RUN },
	{ CODE_PLACEMENT, OPT_PLACEMENT },
	{ CODE_HASH, OPT_HASH },
	{ CODE_TIMEOUT, OPT_TIMEOUT },
	{ CODE_DISCARD, OPT_DISCARD },
	{ CODE_SOCKET, OPT_SOCKET },
	{ CODE_CACHE_ONLY, OPT_CACHE_ONLY },
};

static uint64_t bit_of(int code)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		if (bits[i].code == code)
			return bits[i].bit;
	}
	return 0;
}

static const char *name_of(int code)
{
	const struct option *o = longs;

	while (o->val != code)
		o++;
	return o->name;
}

static int bad_number(const char *option, const char *text, int err)
{
	if (err == -ERANGE)
		return bad_usage("--%s: '%s' is too large", option, text);
	return bad_usage("--%s: '%s' is no number", option, text);
}

static int take_number(int code, uint64_t max, uint64_t *out)
{
	int ret = number_parse(optarg, max, out);

	return ret ? bad_number(name_of(code), optarg, ret) : STATUS_OK;
}

static int take_flags(struct options *opt)
{
	uint64_t flags = 0;
	int ret = take_number(CODE_FLAGS, UINT32_MAX, &flags);

	opt->flags = flags;
	return ret;
}

int ttl_parse(const char *text, uint64_t *ttl)
{
	int ret;

	if (!strcmp(text, "never")) {
		*ttl = 0;
		return STATUS_OK;
	}
	ret = duration_parse(text, INT64_MAX, ttl);
	if (ret == -ERANGE)
		return bad_usage("'%s' is too long a time to live", text);
	if (ret || !*ttl)
		return bad_usage("'%s' is no time to live, such as 10s, 5m, 1h or never",
				 text);
	return STATUS_OK;
}

static int take_time(int code, uint64_t *out)
{
	int ret = duration_parse(optarg, INT64_MAX, out);

	if (ret || !*out)
		return bad_usage("--%s: '%s' is no time such as 2s or 500ms",
				 name_of(code), optarg);
	return STATUS_OK;
}

/* Numbers that begin with 1. */
static int take_ordinal(int code, uint64_t *out)
{
	int status = take_number(code, UINT64_MAX, out);

	if (!status && !*out)
		status = bad_usage("--%s begins with 1", name_of(code));
	return status;
}

static int take_format(struct options *opt)
{
	if (!strcmp(optarg, "tsv"))
		opt->format = FORMAT_TSV;
	else if (!strcmp(optarg, "jsonl"))
		opt->format = FORMAT_JSONL;
	else
		return bad_usage("--format: '%s' is neither tsv nor jsonl", optarg);
	return STATUS_OK;
}

static int take_coding(struct options *opt, enum coding coding)
{
	if (opt->coding != CODING_PLAIN && opt->coding != coding)
		return bad_usage("--hex and --base64 exclude each other");
	opt->coding = coding;
	return STATUS_OK;
}

/* Where the text of an option goes; NULL: it has another argument, or none. */
static const char **text_of(struct options *opt, int code)
{
	switch (code) {
	case 'i':
		return &opt->input;
	case CODE_PREFIX:
		return &opt->prefix;
	case CODE_FROM:
		return &opt->from;
	case CODE_TO:
		return &opt->to;
	case CODE_AFTER:
		return &opt->after;
	case CODE_REASON:
		return &opt->reason;
	case CODE_FILE:
		return &opt->file;
	case CODE_RING:
		return &opt->ring;
	case CODE_CACHE:
		return &opt->cache;
	case CODE_SOURCE:
		return &opt->source;
	case CODE_PLACEMENT:
		return &opt->placement;
	case CODE_HASH:
		return &opt->hash;
	case CODE_SOCKET:
		return &opt->socket;
	default:
		return NULL;
	}
}

/* An option of single commands. */
static int take_special(struct options *opt, int code)
{
	const char **text = text_of(opt, code);

	if (text)
		*text = optarg;
	switch (code) {
	case CODE_TTL:
		return ttl_parse(optarg, &opt->ttl);
	case CODE_CAS:
		return take_number(code, UINT64_MAX, &opt->cas);
	case CODE_FLAGS:
		return take_flags(opt);
	case CODE_HEX:
		return take_coding(opt, CODING_HEX);
	case CODE_BASE64:
		return take_coding(opt, CODING_BASE64);
	case CODE_LIMIT:
		return take_number(code, UINT64_MAX, &opt->limit);
	case CODE_FORMAT:
		return take_format(opt);
	case CODE_INTERVAL:
		return take_time(code, &opt->interval);
	case CODE_LIFETIME:
		return take_time(code, &opt->lifetime);
	case CODE_TIMEOUT:
		return take_time(code, &opt->timeout);
	case CODE_SINCE:
		return take_ordinal(code, &opt->since);
	case CODE_REVISION:
		return take_ordinal(code, &opt->revision);
	case CODE_COUNT:
		return take_number(code, UINT64_MAX, &opt->count);
	}
	return STATUS_OK;
}

/* An option of every command. */
static int take_common(struct options *opt, int code)
{
	switch (code) {
	case 'p':
		opt->pretty = true;
		error_set_json(true);
		opt->json = true;
		break;
	case 'j':
		opt->json = true;
		error_set_json(true);
		break;
	case 'V':
		opt->version = true;
		break;
	case 'h':
		opt->help = true;
		break;
	case 'D':
		opt->device = optarg;
		break;
	}
	return STATUS_OK;
}

static int bad_option(int code, char **argv)
{
	static const char guard[] = "before a key that begins with '-' write --";
	const char *arg = argv[optind - 1];

	if (code == ':')
		return bad_usage("option '%s' needs an argument", arg);
	if (optopt && optopt < 256)
		return bad_usage("there is no option '-%c' (%s)", optopt, guard);
	return bad_usage("there is no option '%s' (%s)", arg, guard);
}

static int take(struct options *opt, int code, char **argv, uint64_t allowed)
{
	uint64_t bit;

	if (code == '?' || code == ':')
		return bad_option(code, argv);
	bit = bit_of(code);
	if (!bit)
		return take_common(opt, code);
	if (!(bit & allowed))
		return bad_usage("option --%s does not belong here", name_of(code));
	opt->given |= bit;
	return take_special(opt, code);
}

int options_parse(struct options *opt, int argc, char **argv, bool leading,
		  uint64_t allowed, int *first)
{
	const char *letters = leading ? "+:jpVhD:i:rk" : ":jpVhD:i:rk";
	int code, status;

	/* 0 and not 1: getopt() begins anew, with other letters. */
	optind = 0;
	while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		status = take(opt, code, argv, allowed);
		if (status)
			return status;
	}
	*first = optind;
	return STATUS_OK;
}
