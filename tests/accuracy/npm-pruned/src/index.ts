import fastify from 'fastify'

fastify().listen({ port: 3000 })
