"""Azure Blob Storage: whole blobs as files, JSON documents as records, and JSON lines that many people share."""

from collections.abc import AsyncIterator, Sequence
from typing import ClassVar

from shared.connectors import _blob_documents, _blob_files, _blob_lines
from shared.connectors._stores import Stores
from shared.connectors._ways import check_dataset, check_service, refusal
from shared.domain.data_map import Dataset, Service
from shared.domain.identity import Identifier
from shared.ports.connector import Page

SORTS = (_blob_files.VOCABULARY, _blob_documents.VOCABULARY, _blob_lines.VOCABULARY)
VOCABULARY = {how: words for sort in SORTS for how, words in sort.items()}


class AzureBlobs:
    """Finds and exports blobs, or what they hold."""

    kind: ClassVar[str] = "azure_blobs"

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def check(self, service: Service, dataset: Dataset) -> None:
        """See the port."""
        check_service(service)
        check_dataset(dataset, VOCABULARY, "container")
        hows = {way.how for way in dataset.found_by}
        if not any(hows <= set(sort) for sort in SORTS):
            raise refusal(dataset, "found_by", "mixes files, documents and lines")
        for way in dataset.found_by:
            prefix = way.at.get("prefix", "")
            if "{" in prefix and not prefix.endswith("/"):
                raise refusal(
                    dataset, f"how: {way.how}: at.prefix", "must end in a slash, or it is also others' prefix"
                )
        if hows <= set(_blob_files.VOCABULARY):
            _blob_files.check_files(dataset)
        elif hows <= set(_blob_documents.VOCABULARY):
            _blob_documents.check_documents(dataset)

    def export(
        self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier], position: str | None = None
    ) -> AsyncIterator[Page]:
        """See the port."""
        container = self._stores.blobs(service.settings["store"]).get_container_client(dataset.settings["container"])
        how = dataset.found_by[0].how
        if how in _blob_files.VOCABULARY:
            return _blob_files.export_files(container, dataset, identifiers, position)
        if how in _blob_documents.VOCABULARY:
            return _blob_documents.export_documents(container, dataset, identifiers, position)
        return _blob_lines.export_lines(container, dataset, identifiers, position)


CONNECTOR = AzureBlobs
