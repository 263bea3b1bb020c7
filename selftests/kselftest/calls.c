// SPDX-License-Identifier: GPL-2.0-only
/*
 * A valid call of every command
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "calls.h"
#include "flushing.h"
#include "ringctl.h"

static struct kvc_op call_op;
static __aligned_u64 call_buf[512];

static void fill_nothing(void *arg)
{
	(void)arg;
}

static void fill_attach(void *arg)
{
	strcpy(((struct kvc_attach *)arg)->name, KVC_TEST_NAME);
}

static void fill_op(void *arg)
{
	struct kvc_op op;

	kvc_op_init(&op, KVC_OP_PUT, "key", 3);
	kvc_op_value(&op, "value", 5);
	memcpy(arg, &op, sizeof(op));
}

static void fill_batch(void *arg)
{
	struct kvc_batch *batch = arg;

	fill_op(&call_op);
	batch->ops = kvc_ptr(&call_op);
	batch->count = 1;
	batch->op_size = sizeof(call_op);
}

static void fill_scan(void *arg)
{
	kvc_scan_init(arg, call_buf, sizeof(call_buf));
}

static void fill_route(void *arg)
{
	struct kvc_route *route = arg;

	strcpy(route->ring, KVC_TEST_NAME);
	route->key = kvc_ptr("key");
	route->key_len = 3;
	route->nodes = kvc_ptr(call_buf);
	route->count = 1;
}

static void fill_report(void *arg)
{
	struct kvc_report *report = arg;

	strcpy(report->ring, KVC_TEST_NAME);
	report->node = 1;
	report->flags = KVC_REPORT_F_SUCCESS;
}

static void fill_commit(void *arg)
{
	((struct kvc_flush_commit *)arg)->run = 1;
}

static void fill_fail(void *arg)
{
	struct kvc_flush_fail *fail = arg;

	fail->run = 1;
	fail->error = -EIO;
}

const struct call calls[] = {
	[CALL_INFO] = { KVC_IOC_INFO, KVC_INFO_SIZE_VER0, false, fill_nothing,
			.known = sizeof(struct kvc_info) },
	[CALL_ATTACH] = { KVC_IOC_ATTACH, KVC_ATTACH_SIZE_VER0, true,
			  fill_attach },
	[CALL_OP] = { KVC_IOC_OP, KVC_OP_SIZE_VER0, false, fill_op },
	[CALL_BATCH] = { KVC_IOC_BATCH, KVC_BATCH_SIZE_VER0, false,
			 fill_batch },
	[CALL_SCAN] = { KVC_IOC_SCAN, KVC_SCAN_SIZE_VER0, false, fill_scan },
	[CALL_ROUTE] = { KVC_IOC_ROUTE, KVC_ROUTE_SIZE_VER0, false,
			 fill_route },
	[CALL_REPORT] = { KVC_IOC_REPORT, KVC_REPORT_SIZE_VER0, false,
			  fill_report },
	[CALL_FLUSH_OPEN] = { KVC_IOC_FLUSH_OPEN, KVC_FLUSH_OPEN_SIZE_VER0,
			      false, fill_nothing, .behind = true },
	[CALL_FLUSH_COMMIT] = { KVC_IOC_FLUSH_COMMIT,
				KVC_FLUSH_COMMIT_SIZE_VER0, false, fill_commit,
				.behind = true, .stream = true },
	[CALL_FLUSH_FAIL] = { KVC_IOC_FLUSH_FAIL, KVC_FLUSH_FAIL_SIZE_VER0,
			      false, fill_fail, .behind = true,
			      .stream = true },
};

/* A cache and a ring of that name, if they are not there. */
static int make_names(void)
{
	struct kvc_config config;
	int ret;

	kvc_config_init(&config, KVC_TEST_NAME, KVC_TEST_LIMIT);
	ret = kvc_create(&config);
	if (ret && ret != -EEXIST)
		return ret;
	ret = kvc_ring_simple(KVC_TEST_NAME, 1);
	return ret == -EEXIST ? 0 : ret;
}

/* A write-behind cache; if wanted, its stream with one run that was read */
static int prepare_behind(bool stream)
{
	int fd, flush, ret;

	fd = flush_cache("behind", 10);
	if (fd < 0 || !stream)
		return fd;
	ret = kvc_put(fd, "key", "value");
	flush = ret ? ret : flush_open(fd);
	close(fd);
	if (flush < 0)
		return flush;
	ret = flush_read_run(flush, NULL, NULL, NULL);
	if (ret == 1)
		return flush;
	close(flush);
	return ret < 0 ? ret : -EPROTO;
}

int call_prepare(const struct call *call)
{
	int fd, ret;

	if (call->behind)
		return prepare_behind(call->stream);
	ret = make_names();
	if (ret)
		return ret;
	fd = kvc_open(O_RDWR);
	if (fd < 0)
		return fd;
	if (!call->unbound)
		ret = kvc_attach(fd, KVC_TEST_NAME);
	if (!ret)
		return fd;
	close(fd);
	return ret;
}

unsigned long call_cmd(const struct call *call, unsigned int size)
{
	return _IOC(_IOC_READ | _IOC_WRITE, KVC_IOC_MAGIC, _IOC_NR(call->cmd),
		    size);
}

int call_sized(const struct call *call, int fd, void *arg, unsigned int size)
{
	memset(arg, 0, call->size);
	call->fill(arg);
	return kvc_call(fd, call_cmd(call, size), arg);
}
