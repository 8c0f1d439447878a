"""A store that speaks as much of S3 as is needed, on loopback; its one bucket is ``guardia``."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from flask import Flask, Response, request
from werkzeug.serving import make_server

Objects = dict[str, tuple[str, bytes]]  # path: media type, content


@contextmanager
def a_bucket() -> Iterator[tuple[str, Objects]]:
    """The origin of the store, and what is in it."""
    objects: Objects = {}
    app = Flask("bucket")

    @app.route("/<path:name>", methods=["GET", "PUT", "DELETE"])
    def handle(name: str) -> Response:
        key = f"/{name}"
        if not key.startswith("/guardia/"):
            return _error(403, "AccessDenied")
        if request.method == "PUT":
            objects[key] = (request.content_type or "", request.get_data())
            return Response(headers={"ETag": '"1"'})
        if request.method == "DELETE":
            objects.pop(key, None)
            return Response(status=204)
        if key not in objects:
            return _error(404, "NoSuchKey")
        kind, content = objects[key]
        return Response(content, content_type=kind)

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", objects
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _error(status: int, code: str) -> Response:
    body = f"<Error><Code>{code}</Code><Message>{code}</Message><RequestId>1</RequestId></Error>"
    return Response(body, status, content_type="application/xml")
