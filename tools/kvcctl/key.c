// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl get, put, del, touch: one key */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kvcache.h>

#include "command.h"
#include "device.h"
#include "error.h"
#include "key.h"
#include "output.h"
#include "record.h"
#include "storefail.h"

#define OPT_CONDITIONS	(OPT_CREATE | OPT_REPLACE | OPT_CAS)

int key_decode(const struct options *opt, const char *what, const char *text,
	       struct buf *out)
{
	if (coding_decode(out, opt->coding, text, strlen(text))) {
		buf_free(out);
		return bad_usage("%s '%s' is not well-formed %s", what, text,
				 coding_name(opt->coding));
	}
	return STATUS_OK;
}

/* Stands for O_WRONLY under a condition. */
#define MODE_COND	(-1)

/* The key of argv[1], and the cache of argv[0] attached. */
static int begin(const struct options *opt, int mode, char **argv,
		 struct buf *key, struct kvc **kvc)
{
	int status;

	status = key_decode(opt, "key", argv[1], key);
	if (status)
		return status;
	if (!key->len) {
		buf_free(key);
		return bad_usage("the key is empty");
	}
	if (mode == MODE_COND)
		status = device_attach_cond(opt, argv[0], kvc);
	else
		status = device_attach(opt, mode, argv[0], kvc);
	if (status)
		buf_free(key);
	return status;
}

static void end(struct buf *key, struct kvc *kvc)
{
	kvc_close(kvc);
	buf_free(key);
}

static int op_failed(struct kvc *kvc, const char *what, char **argv, int err)
{
	struct store_error error;

	if (err == -ENOENT)
		return fail(STATUS_NO_KEY, err, NULL, "%s: no key '%s' in '%s'",
			    what, argv[1], argv[0]);
	if (err == -EEXIST)
		return fail(STATUS_REFUSED, err, "leave --create out to replace it",
			    "%s: the key '%s' is in '%s' already", what,
			    argv[1], argv[0]);
	store_error(&error, kvc, err);
	return fail(error.status, err, error.hint, "%s '%s' in '%s': %s", what,
		    argv[1], argv[0], error.text);
}

static void get_json(const struct options *opt, const struct kvc_pair *pair)
{
	json_t *top = json_new();

	record_json(top, opt->coding, pair);
	json_add_u64(top, "cas", pair->meta.version);
	output_json(opt, top);
}

static void get_text(const struct options *opt, const struct kvc_pair *pair)
{
	struct buf text = { 0 };

	coding_encode(&text, opt->coding, pair->value, pair->value_len);
	/* As they are, unless that would garble the terminal's next line. */
	if (!(opt->given & OPT_RAW) &&
	    (opt->coding != CODING_PLAIN || isatty(STDOUT_FILENO)))
		buf_addc(&text, '\n');
	output_write(stdout, text.data, text.len);
	buf_free(&text);
}

int key_get(const struct options *opt, const char *what, char **argv,
	    key_get_fn get)
{
	struct kvc_pair pair = { 0 };
	struct buf key = { 0 };
	struct kvc *kvc;
	void *value;
	int status, ret;

	status = begin(opt, O_RDONLY, argv, &key, &kvc);
	if (status)
		return status;
	ret = get(kvc, &key, &value, &pair.value_len, &pair.meta);
	if (ret) {
		status = op_failed(kvc, what, argv, ret);
		goto out;
	}
	pair.key = key.data;
	pair.key_len = key.len;
	pair.value = value;
	if (opt->json)
		get_json(opt, &pair);
	else
		get_text(opt, &pair);
	free(value);
out:
	end(&key, kvc);
	return status;
}

static int get_through(struct kvc *kvc, const struct buf *key, void **value,
		       size_t *len, struct kvc_meta *meta)
{
	return kvc_get_alloc(kvc, key->data, key->len, value, len, meta);
}

int cmd_get(const struct options *opt, int argc, char **argv)
{
	(void)argc;
	return key_get(opt, "get", argv, get_through);
}

static int read_file(FILE *file, const char *name, struct buf *value)
{
	int ret;

	/* A byte more than can be, to see that there is more. */
	ret = buf_read(value, file, (size_t)KVC_VALUE_MAX + 1);
	if (ret)
		return fail(STATUS_REFUSED, ret, NULL, "cannot read %s: %s",
			    name, strerror(-ret));
	if (value->len > KVC_VALUE_MAX)
		return fail(STATUS_REFUSED, E2BIG, "no cache takes such a value",
			    "%s is longer than %u bytes", name, KVC_VALUE_MAX);
	return STATUS_OK;
}

static int read_named(const char *name, struct buf *value)
{
	FILE *file;
	int status;

	file = fopen(name, "re");
	if (!file)
		return fail(STATUS_REFUSED, errno, NULL, "cannot read %s: %s",
			    name, strerror(errno));
	status = read_file(file, name, value);
	fclose(file);
	return status;
}

/* The value from where the command line says: it, a file, or stdin. */
static int take_value(const struct options *opt, int argc, char **argv,
		      struct buf *value)
{
	if (argc > 2 && opt->input)
		return bad_usage("put takes a VALUE or -i FILE, not both");
	if (argc > 2)
		return key_decode(opt, "value", argv[2], value);
	if (opt->input && strcmp(opt->input, "-"))
		return read_named(opt->input, value);
	return read_file(stdin, "stdin", value);
}

static int put_opts(const struct options *opt, struct kvc_put_opts *put)
{
	uint32_t how = opt->given & OPT_CONDITIONS;

	if (how & (how - 1))
		return bad_usage("--create, --replace and --cas exclude each other");
	if (how & OPT_CREATE)
		put->flags |= KVC_OP_F_CREATE;
	if (how & OPT_REPLACE)
		put->flags |= KVC_OP_F_REPLACE;
	if (how & OPT_CAS)
		put->flags |= KVC_OP_F_CAS;
	if (opt->ttl)
		put->flags |= KVC_OP_F_TTL;
	put->version = opt->cas;
	put->expiry = opt->ttl;
	put->client_flags = opt->flags;
	return STATUS_OK;
}

static void put_json(const struct options *opt, uint64_t version)
{
	json_t *top;

	if (!opt->json)
		return;
	top = json_new();
	json_add_u64(top, "cas", version);
	output_json(opt, top);
}

int cmd_put(const struct options *opt, int argc, char **argv)
{
	struct kvc_put_opts how = { 0 };
	struct buf key = { 0 }, value = { 0 };
	struct kvc *kvc;
	uint64_t version;
	int status, ret;

	status = put_opts(opt, &how);
	if (!status)
		status = take_value(opt, argc, argv, &value);
	if (!status)
		status = begin(opt, opt->given & OPT_CONDITIONS ? MODE_COND :
								  O_WRONLY,
			       argv, &key, &kvc);
	if (status)
		goto out;
	ret = kvc_put(kvc, key.data, key.len, value.data, value.len, &how,
		      &version);
	if (ret)
		status = op_failed(kvc, "put", argv, ret);
	else
		put_json(opt, version);
	end(&key, kvc);
out:
	buf_free(&value);
	return status;
}

int cmd_del(const struct options *opt, int argc, char **argv)
{
	struct buf key = { 0 };
	struct kvc *kvc;
	int status, ret;

	(void)argc;
	status = begin(opt, opt->given & OPT_CAS ? MODE_COND : O_WRONLY, argv,
		       &key, &kvc);
	if (status)
		return status;
	if (opt->given & OPT_CAS)
		ret = kvc_del_cas(kvc, key.data, key.len, opt->cas);
	else
		ret = kvc_del(kvc, key.data, key.len);
	if (ret)
		status = op_failed(kvc, "del", argv, ret);
	end(&key, kvc);
	return status;
}

int cmd_touch(const struct options *opt, int argc, char **argv)
{
	struct buf key = { 0 };
	struct kvc *kvc;
	uint64_t ttl;
	int status, ret;

	(void)argc;
	status = ttl_parse(argv[2], &ttl);
	if (!status)
		status = begin(opt, MODE_COND, argv, &key, &kvc);
	if (status)
		return status;
	ret = kvc_touch(kvc, key.data, key.len, ttl, ttl ? KVC_OP_F_TTL : 0);
	if (ret)
		status = op_failed(kvc, "touch", argv, ret);
	end(&key, kvc);
	return status;
}
