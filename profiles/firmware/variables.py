"""Variables of firmware and file transfer."""

from chargepoint.station.variables import DataType, Mutability, Variable

FILE_TRANSFER_PROTOCOLS = Variable(
    "OCPPCommCtrlr",
    "FileTransferProtocols",
    DataType.MEMBER_LIST,
    ("HTTP", "HTTPS"),
    key16="SupportedFileTransferProtocols",
    mutability=Mutability.READ_ONLY,
    values=("FTP", "FTPS", "HTTP", "HTTPS", "SFTP"),
)
