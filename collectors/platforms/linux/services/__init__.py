"""Services as objects of their own: their processes, and a module for the settings of each product."""

from collectors.platforms.linux.services import processes, redis, units

STEPS = (*processes.STEPS, *units.STEPS, *redis.STEPS)

READERS = (*processes.READERS, *redis.READERS)
