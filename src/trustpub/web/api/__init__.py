"""Routes for programs: one file a route, each with `routes(service)`, which `web.app` puts together."""
