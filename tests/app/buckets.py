"""A store that speaks as much of S3 as is needed, on loopback; its one bucket is ``guardia``."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from threading import Thread

from flask import Flask, Response, request
from werkzeug.serving import make_server

Objects = dict[str, tuple[str, bytes]]  # path: media type, content


@contextmanager
def a_bucket() -> Iterator[tuple[str, Objects]]:
    """The origin of the store, and what is in it."""
    objects: Objects = {}
    parts: dict[str, dict[int, bytes]] = {}
    app = Flask("bucket")

    @app.route("/<path:name>", methods=["GET", "PUT", "DELETE"])
    def handle(name: str) -> Response:
        key = f"/{name}"
        if not key.startswith("/guardia/"):
            return _error(403, "AccessDenied")
        if request.method == "PUT" and "uploadId" in request.args:
            parts[key][int(request.args["partNumber"])] = request.get_data()
            return Response(headers={"ETag": '"1"'})
        if request.method == "PUT":
            objects[key] = (request.content_type or "", request.get_data())
            return Response(headers={"ETag": '"1"'})
        if request.method == "DELETE":
            objects.pop(key, None)
            return Response(status=204)
        if key not in objects:
            return _error(404, "NoSuchKey")
        kind, content = objects[key]
        answer = Response(content, content_type=kind)
        answer.set_etag(md5(content, usedforsecurity=False).hexdigest())
        if request.if_match and not request.if_match.contains(answer.get_etag()[0] or ""):
            return _error(412, "PreconditionFailed")
        return answer.make_conditional(request, accept_ranges=True, complete_length=len(content))

    @app.post("/<path:name>")
    def in_parts(name: str) -> Response:
        """What is large comes in parts: first it is said, then they come, then they are put together."""
        key = f"/{name}"
        if "uploads" in request.args:
            parts[key] = {}
            return _told("InitiateMultipartUploadResult", "<UploadId>1</UploadId>")
        objects[key] = ("", b"".join(part for _, part in sorted(parts.pop(key).items())))
        return _told("CompleteMultipartUploadResult", "<ETag>1</ETag>")

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", objects
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _told(kind: str, words: str) -> Response:
    space = "http://s3.amazonaws.com/doc/2006-03-01/"
    named = "<Bucket>guardia</Bucket><Key>key</Key><Location>here</Location>"
    return Response(f'<{kind} xmlns="{space}">{named}{words}</{kind}>', content_type="application/xml")


def _error(status: int, code: str) -> Response:
    body = f"<Error><Code>{code}</Code><Message>{code}</Message><RequestId>1</RequestId></Error>"
    return Response(body, status, content_type="application/xml")
