// What stands in a view's place until its code has come.
import { Skeleton } from '../../components/states';

export const Waiting = () => <div className="sheet"><main className="main"><Skeleton /></main></div>;
