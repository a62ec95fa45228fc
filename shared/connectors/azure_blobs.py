"""Azure Blob Storage: whole blobs as files, JSON documents as records, and JSON lines that many people share."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from shared.connectors import _blob_document_reading, _blob_file_search, _blob_line_search
from shared.connectors._blob_document_rectifying import rectify_documents
from shared.connectors._blob_documents import count_documents, erase_documents, export_documents
from shared.connectors._blob_files import count_files, erase_files, export_files
from shared.connectors._blob_line_erasing import erase_lines
from shared.connectors._blob_line_rectifying import rectify_lines
from shared.connectors._blob_lines import count_lines, export_lines
from shared.connectors._stores import Stores
from shared.connectors._ways import check_dataset, check_service, refusal
from shared.domain.data_map import Dataset, Service
from shared.domain.errors import Permanent
from shared.domain.identity import Identifier
from shared.ports.connector import Counted, Erased, Erasure, Page, Rectification, Rectified

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient

SORTS = (_blob_file_search.VOCABULARY, _blob_document_reading.VOCABULARY, _blob_line_search.VOCABULARY)
VOCABULARY = {how: words for sort in SORTS for how, words in sort.items()}


class AzureBlobs:
    """Finds, exports and erases blobs, or what they hold."""

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
        if hows <= set(_blob_file_search.VOCABULARY):
            _blob_file_search.check_files(dataset)
        elif hows <= set(_blob_document_reading.VOCABULARY):
            _blob_document_reading.check_documents(dataset)
        elif dataset.erasure.action == "anonymise":
            _blob_line_search.check_lines(dataset)

    def export(
        self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier], position: str | None = None
    ) -> AsyncIterator[Page]:
        """See the port."""
        container, how = self._container(service, dataset), dataset.found_by[0].how
        if how in _blob_file_search.VOCABULARY:
            return export_files(container, dataset, identifiers, position)
        if how in _blob_document_reading.VOCABULARY:
            return export_documents(container, dataset, identifiers, position)
        return export_lines(container, dataset, identifiers, position)

    def count(
        self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier], position: str | None = None
    ) -> AsyncIterator[Counted]:
        """See the port."""
        container, how = self._container(service, dataset), dataset.found_by[0].how
        if how in _blob_file_search.VOCABULARY:
            return count_files(container, dataset, identifiers, position)
        if how in _blob_document_reading.VOCABULARY:
            return count_documents(container, dataset, identifiers, position)
        return count_lines(container, dataset, identifiers, position)

    def erase(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        erasure: Erasure,
        position: str | None = None,
    ) -> AsyncIterator[Erased]:
        """See the port."""
        container, how = self._container(service, dataset), dataset.found_by[0].how
        if how in _blob_file_search.VOCABULARY:
            return erase_files(container, dataset, identifiers, erasure, position)
        if how in _blob_document_reading.VOCABULARY:
            return erase_documents(container, dataset, identifiers, erasure, position)
        return erase_lines(container, dataset, identifiers, erasure, position)

    def rectify(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        rectification: Rectification,
        position: str | None = None,
    ) -> AsyncIterator[Rectified]:
        """See the port."""
        container, how = self._container(service, dataset), dataset.found_by[0].how
        if how in _blob_file_search.VOCABULARY:
            raise Permanent("not_rectifiable")
        if how in _blob_document_reading.VOCABULARY:
            return rectify_documents(container, dataset, identifiers, rectification, position)
        return rectify_lines(container, dataset, identifiers, rectification, position)

    def _container(self, service: Service, dataset: Dataset) -> "ContainerClient":
        return self._stores.blobs(service.settings["store"]).get_container_client(dataset.settings["container"])


CONNECTOR = AzureBlobs
