"""The job engine: work too long for one request, which survives the loss of any process.

The rows are the truth. A job is cut into chunks; a worker leases a chunk, answers its items and writes the results in one transaction that only
the lease's holder can make, so whoever was thought lost and comes back writes nothing. What delivers the chunks (`delivery`) may lose, repeat or
reorder messages: they carry a chunk's id and nothing else, and `sweep` sends again what stays undone.

    submission   items -> a job and its chunks          leases    claim, renew, finish, fail, give back
    work         one leased chunk, by its kind's handler    sweep     lost workers' chunks, unsent ones, expired jobs
    splitting    a chunk that fails again and again is taken apart
    delivery     Redis or RabbitMQ by Dramatiq, or none: the workers then ask the database
    runner       the threads of one process             processes `restage worker`
    catalogue    looking at jobs, retrying, deleting     results   answers in the items' order
"""
