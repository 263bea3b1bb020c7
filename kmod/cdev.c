// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/kvcache: open, attach, fsync, and who does which ioctl
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "cdev.h"
#include "compat/uninitialized.h"
#include "copy.h"
#include "core/slot.h"
#include "session.h"

static int cdev_open(struct inode *inode, struct file *file)
{
	struct kvc_session *ses = kzalloc(sizeof(*ses), GFP_KERNEL_ACCOUNT);

	if (!ses)
		return -ENOMEM;
	ses->net = get_net(current->nsproxy->net_ns);
	file->private_data = ses;
	return stream_open(inode, file);
}

static int cdev_release(struct inode *inode, struct file *file)
{
	struct kvc_session *ses = file->private_data;

	if (ses->inst)
		kvc_registry_put(ses->inst);
	put_net(ses->net);
	kfree(ses);
	return 0;
}

static struct kvc_instance *attached(struct kvc_session *ses)
{
	/* Pairs with the release in cdev_attach(). */
	return smp_load_acquire(&ses->inst);
}

/**
 * kvc_cdev_call - what a data command works on
 * @file: of the device
 * @call: filled in; it waits as an ioctl does
 *
 * Return: 0; -ENOTCONN: not attached; -ESHUTDOWN: the cache was destroyed.
 */
int kvc_cdev_call(struct file *file, struct kvc_call *call)
{
	struct kvc_instance *inst = attached(file->private_data);

	if (unlikely(!inst))
		return -ENOTCONN;
	if (unlikely(READ_ONCE(inst->dead)))
		return -ESHUTDOWN;
	*call = (struct kvc_call){
		.cache = inst->cache, .inst = inst, .mode = file->f_mode,
		.wait = file->f_flags & O_NONBLOCK ? 0 : TASK_KILLABLE,
	};
	return 0;
}

static int cdev_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct kvc_instance *inst = attached(file->private_data);

	if (vma->vm_flags & VM_WRITE)
		return -EPERM;
	if (!inst)
		return -ENOTCONN;
	if (READ_ONCE(inst->dead))
		return -ESHUTDOWN;
	return kvc_near_mmap(inst, vma);
}

static unsigned int access_of(fmode_t mode)
{
	return (mode & FMODE_READ ? KVC_ACCESS_READ : 0) |
	       (mode & FMODE_WRITE ? KVC_ACCESS_WRITE : 0);
}

static noinline_for_stack int cdev_attach(struct file *file, void __user *arg,
					  size_t usize)
{
	struct kvc_session *ses = file->private_data;
	unsigned int access = access_of(file->f_mode);
	struct kvc_who who = { .uid = current_fsuid() };
	struct kvc_instance *inst;
	struct kvc_attach attach;
	int err;

	err = kvc_copy_in(&attach, sizeof(attach), arg, usize,
			  KVC_ATTACH_SIZE_VER0);
	if (err)
		return err;
	if (attach.flags || !kvc_config_name_ok(attach.name))
		return -EINVAL;
	if (attached(ses))
		return -EISCONN;
	/* open() has a mode that is good for ioctls only; here none is. */
	if (!access)
		return -EACCES;
	who.any = ns_capable(ses->net->user_ns, CAP_DAC_OVERRIDE);
	inst = kvc_registry_get(ses->net, &who, attach.name, access);
	if (IS_ERR(inst))
		return PTR_ERR(inst);
	if (cmpxchg_release(&ses->inst, NULL, inst)) {
		kvc_registry_put(inst);
		return -EISCONN;
	}
	return 0;
}

static noinline_for_stack int cdev_info(struct file *file, void __user *arg,
					size_t usize)
{
	struct kvc_instance *inst = attached(file->private_data);
	struct kvc_info info = {
		.features = KVC_FEATURE_SCAN | KVC_FEATURE_BATCH |
			    KVC_FEATURE_FLUSH | KVC_FEATURE_SLOTS |
			    (IS_ENABLED(CONFIG_IO_URING) ?
			     KVC_FEATURE_URING : 0),
		.abi_level = KVC_ABI_LEVEL,
		.batch_max = KVC_BATCH_MAX,
		.key_max = KVC_KEY_MAX,
		.value_max = KVC_VALUE_MAX,
		.now = ktime_get_boottime_ns(),
	};
	struct kvc_info given;
	int err;

	err = kvc_copy_in(&given, sizeof(given), arg, usize,
			  KVC_INFO_SIZE_VER0);
	if (err)
		return err;
	if (inst) {
		info.key_max = inst->cache->config.key_max;
		info.value_max = inst->cache->config.value_max;
		if (file->f_mode & FMODE_READ)
			info.rights |= KVC_RIGHT_READ;
		if (file->f_mode & FMODE_WRITE)
			info.rights |= KVC_RIGHT_WRITE;
		if (inst->behind)
			info.flags |= KVC_INFO_F_WRITEBEHIND;
		info.cache = inst->cache->id;
		info.slots = kvc_slot_bytes(inst->cache);
		memcpy(info.name, inst->cache->config.name, KVC_NAME_MAX);
	}
	return kvc_copy_out(arg, usize, &info, sizeof(info));
}

static noinline int cdev_clear(struct kvc_call *call)
{
	u32 shard = 0;
	int err = 0;

	if (!(call->mode & FMODE_WRITE))
		return -EBADF;
	while (!err && kvc_cache_clear_step(call->cache, &shard)) {
		if (signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	kvc_cache_clear_end(call->cache);
	return err;
}

/* A command number without the size that the caller knows */
#define CMD(cmd) ((cmd) & ~(_IOC_SIZEMASK << _IOC_SIZESHIFT))

/* The hot one, which other ones' variables and tests are kept away from */
static int op_ioctl(struct file *file, void __user *arg, size_t usize)
{
	struct kvc_call call __uninitialized;
	int err = kvc_cdev_call(file, &call);

	return unlikely(err) ? err : kvc_op_call(&call, arg, usize);
}

static noinline long data_ioctl(struct file *file, unsigned int cmd,
				void __user *arg)
{
	struct kvc_session *ses = file->private_data;
	size_t usize = _IOC_SIZE(cmd);
	struct kvc_call call;
	int err = kvc_cdev_call(file, &call);

	if (unlikely(err))
		return err;
	switch (CMD(cmd)) {
	case CMD(KVC_IOC_BATCH):
		return kvc_batch_call(&call, arg, usize);
	case CMD(KVC_IOC_SCAN):
		return kvc_range_call(&call, arg, usize);
	case CMD(KVC_IOC_FLUSH_OPEN):
		return kvc_flush_open(&call, ses->net, arg, usize);
	default:
		return cdev_clear(&call);
	}
}

static long cdev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *p = (void __user *)arg;
	size_t usize = _IOC_SIZE(cmd);

	if (likely(CMD(cmd) == CMD(KVC_IOC_OP)))
		return op_ioctl(file, p, usize);
	switch (CMD(cmd)) {
	case CMD(KVC_IOC_BATCH):
	case CMD(KVC_IOC_SCAN):
	case CMD(KVC_IOC_FLUSH_OPEN):
		return data_ioctl(file, cmd, p);
	case CMD(KVC_IOC_CLEAR):
		return usize ? -ENOTTY : data_ioctl(file, cmd, p);
	case CMD(KVC_IOC_INFO):
		return cdev_info(file, p, usize);
	case CMD(KVC_IOC_ROUTE):
		return kvc_place_route(file->private_data, p, usize);
	case CMD(KVC_IOC_REPORT):
		return kvc_place_report(file->private_data, file->f_mode, p,
					usize);
	case CMD(KVC_IOC_ATTACH):
		return cdev_attach(file, p, usize);
	default:
		return -ENOTTY;
	}
}

/* All of the cache: what one file wrote is not told apart. */
static int cdev_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	struct kvc_instance *inst = attached(file->private_data);

	if (!inst)
		return -ENOTCONN;
	if (READ_ONCE(inst->dead))
		return -ESHUTDOWN;
	return inst->behind ? kvc_wait_synced(inst) : -EINVAL;
}

static const struct file_operations cdev_fops = {
	.owner = THIS_MODULE,
	.open = cdev_open,
	.release = cdev_release,
	.unlocked_ioctl = cdev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.uring_cmd = kvc_uring_cmd,
	.mmap = cdev_mmap,
	.fsync = cdev_fsync,
};

static struct miscdevice cdev_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kvcache",
	.fops = &cdev_fops,
	.mode = 0660,
};

int kvc_cdev_init(void)
{
	return misc_register(&cdev_misc);
}

void kvc_cdev_exit(void)
{
	misc_deregister(&cdev_misc);
}
