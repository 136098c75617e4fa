"""Services as objects of their own: their processes, and a module for the settings of each product."""

from collectors.platforms.linux.services import (
    apache,
    elasticsearch,
    mongodb,
    mysql,
    nginx,
    postgresql,
    processes,
    redis,
    tomcat,
    units,
)

STEPS = (
    *processes.STEPS,
    *units.STEPS,
    *redis.STEPS,
    *postgresql.STEPS,
    *mysql.STEPS,
    *mongodb.STEPS,
    *apache.STEPS,
    *tomcat.STEPS,
    *elasticsearch.STEPS,
)

READERS = (
    *processes.READERS,
    *redis.READERS,
    *postgresql.READERS,
    *mysql.READERS,
    *nginx.READERS,
    *mongodb.READERS,
    *apache.READERS,
    *tomcat.READERS,
    *elasticsearch.READERS,
)
