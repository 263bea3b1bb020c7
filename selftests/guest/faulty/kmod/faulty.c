// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stand-in for the module that misbehaves on demand, so that the guest
 * runner can be seen to notice. Write the fault's name to
 * /sys/module/kvcache/parameters/fault.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spin);
static void *leaked;

static void fault_warn(void)
{
	WARN_ON(1);
}

static void fault_oops(void)
{
	*(volatile int *)8 = 1;
}

static void fault_hold(void)
{
	__module_get(THIS_MODULE);
}

static void fault_leak(void)
{
	leaked = kmalloc(100, GFP_KERNEL);
}

static void fault_use_after_free(void)
{
	volatile char *p = kzalloc(64, GFP_KERNEL);

	if (!p)
		return;
	kfree((void *)p);
	p[5];
}

static void fault_shift(void)
{
	volatile int bits = 40;
	volatile int one = 1;

	one = one << bits;
}

static void fault_lock_order(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void fault_sleep(void)
{
	spin_lock(&spin);
	msleep(20);
	spin_unlock(&spin);
}

static void fault_rcu(void)
{
	static int __rcu *pointer;

	(void)rcu_dereference(pointer);
}

static const struct {
	const char *name;
	void (*commit)(void);
} faults[] = {
	{ "warn", fault_warn },
	{ "oops", fault_oops },
	{ "hold", fault_hold },
	{ "leak", fault_leak },
	{ "use-after-free", fault_use_after_free },
	{ "shift", fault_shift },
	{ "lock-order", fault_lock_order },
	{ "sleep", fault_sleep },
	{ "rcu", fault_rcu },
};

static int fault_set(const char *value, const struct kernel_param *param)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (!sysfs_streq(value, faults[i].name))
			continue;
		faults[i].commit();
		return 0;
	}
	return -EINVAL;
}

static const struct kernel_param_ops fault_ops = { .set = fault_set };

module_param_cb(fault, &fault_ops, NULL, 0200);

static int __init faulty_init(void)
{
	return 0;
}

static void __exit faulty_exit(void)
{
}

module_init(faulty_init);
module_exit(faulty_exit);
MODULE_DESCRIPTION("Misbehaves on demand, for the guest runner's self-test");
MODULE_LICENSE("GPL");
